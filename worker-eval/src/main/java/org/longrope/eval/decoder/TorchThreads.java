package org.longrope.eval.decoder;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;

/**
 * How many threads one forward pass may use. A process-wide setting of libtorch: an executor that
 * runs n tasks at once gives each cores/n. Sums depend on it in the last bits, so it belongs to
 * what a result was measured with.
 */
public final class TorchThreads {
  private TorchThreads() {}

  /** Sets the number of threads per forward pass, at least 1. */
  public static void set(int threads) {
    if (!(threads >= 1)) {
      throw new IllegalArgumentException("Cannot compute on " + threads + " threads");
    }
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    Engine.getEngine("PyTorch");
    JniUtils.setNumThreads(threads);
  }
}
