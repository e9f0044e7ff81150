package org.longrope.eval.family;

/**
 * Weights of one decoder layer in the order in which the decoder program takes them. D is the
 * hidden width, F the feed-forward width, H the number of query heads, G of key/value heads, h the
 * width of a head, E the number of experts. Projections are [out, in]. A model has some of them.
 */
public enum LayerWeight {
  /** Norm before attention, [D]. */
  ATTENTION_NORM,
  /** Query projection, [H·h, D]; of compressed queries [H·h, rank]. */
  WQ,
  /** Key projection, [G·h, D]. */
  WK,
  /** Value projection, [G·h, D]. */
  WV,
  /** Output projection of attention, [D, H·h]. */
  WO,
  /** Norm before the feed-forward, [D]. */
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
  DOWN_BIAS,
  /** Bias of the norm before attention, [D]. */
  ATTENTION_NORM_BIAS,
  /** Bias of the norm before the feed-forward, [D]. */
  FEED_FORWARD_NORM_BIAS,
  /** Norm of attention's output, [D]. */
  ATTENTION_OUTPUT_NORM,
  /** Norm of the feed-forward's output, [D]. */
  FEED_FORWARD_OUTPUT_NORM,
  /** Norm of queries: [h] of each head, [H·h] of all, or [H, h] with own weights of each. */
  QUERY_NORM,
  /** Norm of keys, as that of queries. */
  KEY_NORM,
  /** Bias of the norm of queries, [h]. */
  QUERY_NORM_BIAS,
  /** Bias of the norm of keys, [h]. */
  KEY_NORM_BIAS,
  /** Score of each head that takes part in the softmax alone, [H]. */
  SINKS,
  /** Projection to compressed queries, [rank, D]. */
  QUERY_DOWN,
  /** Its bias, [rank]. */
  QUERY_DOWN_BIAS,
  /** RMS norm of compressed queries, [rank]. */
  QUERY_DOWN_NORM,
  /** Projection to compressed keys and values and the shared rotated keys, [rank + r, D]. */
  KEY_VALUE_DOWN,
  /** Its bias, [rank + r]. */
  KEY_VALUE_DOWN_BIAS,
  /** RMS norm of compressed keys and values, [rank]. */
  KEY_VALUE_DOWN_NORM,
  /** Projection from compressed keys and values, [H·(p + v), rank]. */
  KEY_VALUE_UP,
  /** Logits of the experts, [E, D]. */
  ROUTER,
  /** Their bias, [E]. */
  ROUTER_BIAS,
  /** Correction of the experts' scores for the choice alone, [E]. */
  ROUTER_CORRECTION,
  /** Gate projection of the expert that every token takes, [F, D]. */
  SHARED_GATE,
  /** Its up projection, [F, D]. */
  SHARED_UP,
  /** Its down projection, [D, F]. */
  SHARED_DOWN,
  /** Projection to its share, [1, D]. */
  SHARED_SHARE,
  /** xIELU's α_p, [1]. */
  XIELU_ALPHA_P,
  /** xIELU's α_n, [1]. */
  XIELU_ALPHA_N,
  /** xIELU's β, []. */
  XIELU_BETA,
  /** xIELU's ε, []. */
  XIELU_EPSILON,
  /** Gate projections of the experts, E times [F, D]. */
  EXPERT_GATE,
  /** Up projections of the experts, E times [F, D]. */
  EXPERT_UP,
  /** Down projections of the experts, E times [D, F]. */
  EXPERT_DOWN,
  /** Gate and up projections of clamped experts, columns in turn, E times [D, 2F]. */
  EXPERT_GATE_UP,
  /** Their biases, E times [2F]. */
  EXPERT_GATE_UP_BIAS,
  /** Down projections of clamped experts, E times [F, D]. */
  EXPERT_DOWN_IN_OUT,
  /** Their biases, E times [D]. */
  EXPERT_DOWN_BIAS;

  /** Tells whether there is one for each expert. */
  public boolean isOfExperts() {
    return compareTo(EXPERT_GATE) >= 0;
  }

  /** Tells whether it is a matrix that every token passes through, which LoRA can adapt. */
  public boolean isProjection() {
    return switch (this) {
      case WQ, WK, WV, WO, GATE, UP, DOWN -> true;
      case QUERY_DOWN, KEY_VALUE_DOWN, KEY_VALUE_UP -> true;
      case SHARED_GATE, SHARED_UP, SHARED_DOWN -> true;
      default -> false;
    };
  }
}
