package org.longrope.eval.decoder;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.util.Map;

/**
 * The environment variables by which GNU's OpenMP, which libtorch computes with, waits. A thread
 * without work spins before it sleeps, by default for milliseconds. On a host that runs other
 * programs too, it spins away the time that the threads with work need: two threads of a small model
 * become slower than one.
 */
final class OpenMpEnvironment {
  static final String SPIN_COUNT = "GOMP_SPINCOUNT";

  /** A fraction of a millisecond: on an idle host the next operation of a training comes sooner. */
  static final int SPINS = 20_000;

  private static final String WAIT_POLICY = "OMP_WAIT_POLICY";

  private OpenMpEnvironment() {}

  /**
   * Bounds how long threads spin, unless the user has said how they wait. Call it before libtorch
   * is loaded: OpenMP reads the environment once.
   */
  static void boundSpinning() {
    Map<String, String> given = System.getenv();
    if (!Platform.isLinux() || given.containsKey(SPIN_COUNT) || given.containsKey(WAIT_POLICY)) {
      return;
    }
    try {
      NativeLibrary.getInstance("c")
          .getFunction("setenv")
          .invokeInt(new Object[] {SPIN_COUNT, Integer.toString(SPINS), 0});
    } catch (UnsatisfiedLinkError e) {
      // Another C library: its OpenMP has its own way to wait.
      return;
    }
  }
}
