package org.longrope.eval.decoder;

import org.longrope.eval.checkpoint.ModelConfig;

/** How many positions go through a part of the program at once; bounds memory, not the result. */
final class Chunks {
  /** Positions per block of windowed attention, feed-forward and angle tables. */
  static final int POSITIONS = 512;

  private static final int LOGITS = 1 << 24;

  private Chunks() {}

  /** Positions per block of the output head: at most 64 MiB of logits. */
  static int head(ModelConfig config) {
    return Math.max(16, Math.min(POSITIONS, LOGITS / config.vocabularySize()));
  }
}
