package org.longrope.eval.decoder;

import org.longrope.eval.checkpoint.ModelConfig;

/**
 * How many positions go through a part of the program at once. Bounds memory and keeps what passes
 * from one operation to the next in the cache; the result does not depend on it beyond its last
 * bits.
 *
 * @param slab positions whose queries, attention and NLL exist at once; a pass can be stopped
 *     between two
 * @param positions per block of projections and feed-forward
 * @param headPositions per block of the output head
 * @param words of the vocabulary per block of the output head
 */
record Chunks(int slab, int positions, int headPositions, int words) {
  /** Positions per block of angle tables and of training. */
  static final int POSITIONS = 512;

  private static final int TRAINING_LOGITS = 1 << 24;

  /** A block's activations stay in the cache: logits of 2 MiB. */
  static final Chunks CPU = new Chunks(4096, POSITIONS, 1024, 512);

  /** Blocks that fill a card: at 32,000 words 0.8 GiB of logits, the rest below that. */
  static final Chunks GPU = new Chunks(32_768, 4096, 4096, 1 << 16);

  /** Positions per block of the training head: at most 64 MiB of logits. */
  static int trainingHead(ModelConfig config) {
    return Math.max(16, Math.min(POSITIONS, TRAINING_LOGITS / config.vocabularySize()));
  }
}
