package org.longrope.eval.family;

import java.util.List;
import java.util.Map;

/**
 * One decoder layer.
 *
 * @param window last keys that a query sees, itself included; 0 is all
 * @param rope table that rotates queries and keys
 * @param weights parts of each weight that the layer has; experts and norms of single heads have
 *     several, in order
 */
public record LayerSpec(int window, RopeUse rope, Map<LayerWeight, List<TensorPart>> weights) {
  /** Table of rotation angles. */
  public enum RopeUse {
    /** The model's, which rescale factors change. */
    MAIN,
    /** Table of windowed layers with a base of their own; rescale factors leave it. */
    LOCAL,
    /** No rotation. */
    NONE
  }

  public LayerSpec {
    weights = Map.copyOf(weights);
  }

  /** Returns the parts of a weight; none if the layer does not have it. */
  public List<TensorPart> parts(LayerWeight weight) {
    return weights.getOrDefault(weight, List.of());
  }

  /** Tells whether the feed-forward is a mixture of experts. */
  public boolean hasExperts() {
    return weights.containsKey(LayerWeight.ROUTER);
  }
}
