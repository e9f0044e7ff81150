package org.longrope.eval.decoder;

import org.longrope.eval.family.DecoderSpec;

/**
 * Sizes of the parts that a sequence is cut into: chunks of positions, whose queries and attention
 * exist at once, and within them blocks of positions. They bound memory, keep the result of one
 * operation in the cache for the next, and give several threads something to do each. They depend
 * on the kind of device alone: the same parts give the same numbers on any number of threads.
 *
 * @param chunk positions whose queries and attention exist at once
 * @param block positions per block of projections and feed-forward
 * @param headBlock positions per block of the output head
 * @param vocabularyBlock tokens of the vocabulary per block of the output head
 * @param shared whether threads share the parts; else each part fills the device
 */
record Chunks(int chunk, int block, int headBlock, int vocabularyBlock, boolean shared) {
  /** Positions per block of angle tables and of training. */
  static final int POSITIONS = 512;

  private static final int TRAINING_LOGITS = 1 << 24;

  /** Logits of a block of the output head's gradient: 32 MiB on a CPU, 0.5 GiB on a GPU. */
  private static final int CPU_GRADIENT_LOGITS = 1 << 23;

  private static final int GPU_GRADIENT_LOGITS = 1 << 27;

  /** Least number of positions for which each head's attention is a part of its own. */
  private static final int OWN_PART = 64;

  /** Sizes for a CPU: a block's activations and 4 MiB of logits stay in the cache. */
  static final Chunks CPU = new Chunks(4096, POSITIONS, POSITIONS, 2048, true);

  /** Sizes that fill a GPU: with a vocabulary of 32,000, 0.8 GiB of logits, the rest below that. */
  static final Chunks GPU = new Chunks(32_768, 4096, 4096, 1 << 16, false);

  /** Returns the positions per block of the training head: at most 64 MiB of logits. */
  static int trainingHead(DecoderSpec config) {
    return Math.max(16, Math.min(POSITIONS, TRAINING_LOGITS / config.vocabularySize()));
  }

  /** Returns the positions per block of the output head's gradient, all of whose logits exist. */
  int gradientHead(DecoderSpec config) {
    int logits = shared ? CPU_GRADIENT_LOGITS : GPU_GRADIENT_LOGITS;
    return Math.max(1, Math.min(headBlock, logits / config.vocabularySize()));
  }

  /** Returns how many query heads one part of the attention of some positions has. */
  int headsTogether(int heads, int count) {
    return shared && count >= OWN_PART ? 1 : heads;
  }
}
