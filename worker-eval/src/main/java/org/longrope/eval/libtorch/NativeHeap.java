package org.longrope.eval.libtorch;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;

/**
 * Settings of glibc's heap, which make it keep the memory that libtorch frees. By default it
 * returns the memory of every larger tensor to the kernel, which zeroes it again, page by page, for
 * the next one: a tenth of an evaluation's time.
 */
final class NativeHeap {
  // malloc.h
  private static final int M_TRIM_THRESHOLD = -1;
  private static final int M_TOP_PAD = -2;
  private static final int M_MMAP_THRESHOLD = -3;

  /** Larger tensors, of which there are few, still come and go with the kernel. */
  private static final int LARGE = 8 << 20;

  private static final int KEPT = 256 << 20;

  /** Greatest size of a thread's arena: an arena that is empty for a moment is kept. */
  private static final int ARENA = 64 << 20;

  private NativeHeap() {}

  static void keepFreedMemory() {
    if (!Platform.isLinux()) {
      return;
    }
    try {
      var mallopt = NativeLibrary.getInstance("c").getFunction("mallopt");
      mallopt.invokeInt(new Object[] {M_MMAP_THRESHOLD, LARGE});
      mallopt.invokeInt(new Object[] {M_TRIM_THRESHOLD, KEPT});
      mallopt.invokeInt(new Object[] {M_TOP_PAD, ARENA});
    } catch (UnsatisfiedLinkError e) {
      // Another C library: nothing to tune.
      return;
    }
  }
}
