package org.longrope.eval.checkpoint;

/**
 * Weights of one decoder layer in the order in which the decoder program takes them. D is the
 * hidden width, F the feed-forward width, H the number of query heads, G of key/value heads, h the
 * width of a head. Projections are [out, in]. Fused checkpoints (Phi-3) give row ranges of their
 * fused tensors.
 */
public enum LayerWeight {
  /** RMS norm before attention, [D]. */
  ATTENTION_NORM,
  /** Query projection, [H·h, D]. */
  WQ,
  /** Key projection, [G·h, D]. */
  WK,
  /** Value projection, [G·h, D]. */
  WV,
  /** Output projection of attention, [D, H·h]. */
  WO,
  /** RMS norm before the feed-forward, [D]. */
  FEED_FORWARD_NORM,
  /** Gate projection of the feed-forward, [F, D]. */
  GATE,
  /** Up projection of the feed-forward, [F, D]. */
  UP,
  /** Down projection of the feed-forward, [D, F]. */
  DOWN,
  /** Query bias, [H·h]. */
  BQ,
  /** Key bias, [G·h]. */
  BK,
  /** Value bias, [G·h]. */
  BV,
  /** Output bias of attention, [D]. */
  BO,
  /** Gate bias, [F]. */
  GATE_BIAS,
  /** Up bias, [F]. */
  UP_BIAS,
  /** Down bias, [D]. */
  DOWN_BIAS
}
