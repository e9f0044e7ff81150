package org.longrope.eval.libtorch;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Environment variables that control how the threads of GNU's OpenMP wait. libtorch computes with
 * it. A thread without work spins before it sleeps, by default for milliseconds. On a host that
 * runs other programs too, it spins away the time that the threads with work need: two threads of a
 * small model become slower than one.
 */
public final class OpenMpEnvironment {
  static final String SPIN_COUNT = "GOMP_SPINCOUNT";

  /**
   * Spins of a fraction of a millisecond: on an idle host the next operation of a training begins
   * sooner.
   */
  static final int SPINS = 20_000;

  private static final String WAIT_POLICY = "OMP_WAIT_POLICY";

  /** Variables that change how OpenMP and MKL use threads. */
  private static final List<String> VARIABLES =
      List.of(
          "OMP_NUM_THREADS",
          "OMP_PROC_BIND",
          WAIT_POLICY,
          SPIN_COUNT,
          "GOMP_CPU_AFFINITY",
          "MKL_NUM_THREADS");

  private OpenMpEnvironment() {}

  /** Returns the variables that are set, as native code sees them, by name. */
  public static Map<String, String> variables() {
    Map<String, String> set = new TreeMap<>();
    for (String name : VARIABLES) {
      String value = Platform.isLinux() ? nativeVariable(name) : System.getenv(name);
      if (value != null) {
        set.put(name, value);
      }
    }
    return set;
  }

  /**
   * Reads a variable from the C library: Java's copy of the environment lacks what this process has
   * set.
   */
  private static @Nullable String nativeVariable(String name) {
    return NativeLibrary.getInstance("c")
        .getFunction("getenv")
        .invokeString(new Object[] {name}, false);
  }

  /**
   * Bounds how long threads spin, unless the user has set it. Call it before libtorch is loaded:
   * OpenMP reads the environment once.
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
