package org.longrope.eval.checkpoint;

/**
 * The weights of one decoder layer in the order in which the decoder program takes them.
 * Projections are [out, in]; norms and biases are vectors. Fused checkpoints (Phi-3) give row
 * ranges of their fused tensors.
 */
public enum LayerWeight {
  ATTENTION_NORM,
  QUERY,
  KEY,
  VALUE,
  OUTPUT,
  FEED_FORWARD_NORM,
  GATE,
  UP,
  DOWN,
  QUERY_BIAS,
  KEY_BIAS,
  VALUE_BIAS,
  OUTPUT_BIAS,
  GATE_BIAS,
  UP_BIAS,
  DOWN_BIAS
}
