package org.longrope.eval.decoder;

import org.longrope.eval.checkpoint.ModelConfig;

/**
 * Sizes of the parts that a forward pass is cut into. They bound memory, keep what passes from one
 * operation to the next in the cache, and give several threads something to do each. They depend on
 * the kind of device alone: the same parts give the same numbers on any number of threads.
 *
 * @param slab positions whose queries and attention exist at once
 * @param positions per block of projections and feed-forward
 * @param headPositions per block of the output head
 * @param words of the vocabulary per block of the output head
 * @param shared whether parts are shared by threads; else each part fills the device
 */
record Chunks(int slab, int positions, int headPositions, int words, boolean shared) {
  /** Positions per block of angle tables and of training. */
  static final int POSITIONS = 512;

  private static final int TRAINING_LOGITS = 1 << 24;

  /** Positions from which on a head's attention is worth a call of its own. */
  private static final int OWN_CALL = 64;

  /** A block's activations stay in the cache: logits of 4 MiB. */
  static final Chunks CPU = new Chunks(4096, POSITIONS, POSITIONS, 2048, true);

  /** Blocks that fill a card: at 32,000 words 0.8 GiB of logits, the rest below that. */
  static final Chunks GPU = new Chunks(32_768, 4096, 4096, 1 << 16, false);

  /** Positions per block of the training head: at most 64 MiB of logits. */
  static int trainingHead(ModelConfig config) {
    return Math.max(16, Math.min(POSITIONS, TRAINING_LOGITS / config.vocabularySize()));
  }

  /** Returns how many query heads one part of the attention of some positions has. */
  int headsTogether(int heads, int count) {
    return shared && count >= OWN_CALL ? 1 : heads;
  }
}
