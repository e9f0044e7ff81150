package org.longrope.eval.decoder;

import java.util.function.IntConsumer;

/**
 * Computation of the parts of a step, which the {@link EvaluationThreads} share on a CPU.
 *
 * @param shared whether threads share the parts; else each part fills the device
 * @param stop asked before each part
 */
record Parts(boolean shared, StopSignal stop) {
  /** Computation on a range of positions s … e. */
  @FunctionalInterface
  interface Block {
    void compute(int s, int e);
  }

  /**
   * Computes blocks of positions.
   *
   * @param layer that a {@link StoppedException} names
   * @param size positions of a block; the last may be shorter
   */
  void blocks(int layer, int from, int to, int size, Block block) {
    run(
        layer,
        (to - from + size - 1) / size,
        i -> {
          int s = from + i * size;
          block.compute(s, Math.min(to, s + size));
        });
  }

  /** Computes the parts 0 … count−1. */
  void run(int layer, int count, IntConsumer part) {
    IntConsumer unlessStopped =
        i -> {
          if (stop.raised()) {
            throw new StoppedException(layer);
          }
          part.accept(i);
        };
    if (shared) {
      EvaluationThreads.run(count, unlessStopped);
    } else {
      for (int i = 0; i < count; i++) {
        unlessStopped.accept(i);
      }
    }
  }
}
