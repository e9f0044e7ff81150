package org.longrope.eval.libtorch;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import org.jspecify.annotations.Nullable;

/**
 * Safe end of a process while libtorch computes. The JVM ends in C's exit(), and {@code
 * Runtime.halt} does so too, which runs the destructors of static objects. Threads that are in a
 * native call run on meanwhile: they would use what is destroyed, and the process would end with a
 * segmentation fault in place of its exit code. The JVM waits 0.3 seconds for native calls, and one
 * may take longer.
 *
 * <p>exit() runs its handlers in the reverse order of their registration. A last handler that calls
 * _exit() with the same exit code leaves out the destructors, of which a process that ends needs
 * none.
 */
public final class ProcessExit {
  private static final @Nullable Function ON_EXIT = function("on_exit");
  private static final @Nullable Function LEAVE = function("_exit");

  private ProcessExit() {}

  /** Has every ordinary end of this JVM, and its end by a signal, leave out native destructors. */
  static void install() {
    Thread hook = new Thread(ProcessExit::skipDestructors, "longrope-process-exit");
    try {
      Runtime.getRuntime().addShutdownHook(hook);
    } catch (IllegalStateException e) {
      skipDestructors(); // The JVM is ending already.
    }
  }

  /**
   * Leaves out the destructors of all native objects that exist now, when this process ends. {@code
   * Runtime.halt}, which runs no shutdown hook, needs this call before it.
   */
  public static void skipDestructors() {
    if (ON_EXIT != null && LEAVE != null) {
      // The handler's second argument, here null, is one that _exit() does not read.
      ON_EXIT.invokeInt(new Object[] {LEAVE, null});
    }
  }

  /** Returns a function of glibc; null with another C library. */
  private static @Nullable Function function(String name) {
    try {
      return Platform.isLinux() ? NativeLibrary.getInstance("c").getFunction(name) : null;
    } catch (UnsatisfiedLinkError e) {
      return null;
    }
  }
}
