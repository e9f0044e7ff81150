package org.longrope.eval.decoder;

/**
 * The number of threads that tests compute with: as many as the system property
 * longrope.tests.threads says, one by default. Every test must pass with any number.
 */
public final class TestThreads {
  private static final int THREADS = Integer.getInteger("longrope.tests.threads", 1);

  private TestThreads() {}

  /** Shares evaluations by the threads of the tests. */
  public static void use() {
    Libtorch.useThreads(THREADS);
  }

  /** Lets each operation of libtorch use the threads of the tests. */
  public static void useForTraining() {
    Libtorch.useOperatorThreads(THREADS);
  }
}
