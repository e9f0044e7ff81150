package org.longrope.eval.training;

/** Course of the learning rate after its warm-up. */
public enum LearningRateDecay {
  /** It falls to zero in a line, as for the paper's Llama 2. */
  LINEAR,

  /** It stays, as for the paper's Mistral. */
  CONSTANT
}
