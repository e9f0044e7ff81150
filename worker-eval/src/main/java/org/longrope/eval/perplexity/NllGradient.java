package org.longrope.eval.perplexity;

import java.io.Serializable;
import java.util.List;

/**
 * Derivatives of a document's Σ NLL by its rescaling, nats, summed in float64.
 *
 * @param byLogFactors derivative by log λ_i for i = 0 … d/2−1
 * @param byLogAttention derivative by the logarithm of the attention factor
 * @param byQueryScales derivative by ψ of each query scale of the rescaling, in their order; empty
 *     where it has none
 */
public record NllGradient(
    List<Double> byLogFactors, double byLogAttention, List<Float> byQueryScales)
    implements Serializable {
  public NllGradient {
    byLogFactors = List.copyOf(byLogFactors);
    byQueryScales = List.copyOf(byQueryScales);
  }

  /** Makes the gradient by a rescaling without query scales. */
  public NllGradient(List<Double> byLogFactors, double byLogAttention) {
    this(byLogFactors, byLogAttention, List.of());
  }

  /** Tells whether every derivative is a number. */
  public boolean isFinite() {
    return Double.isFinite(byLogAttention)
        && byLogFactors.stream().allMatch(Double::isFinite)
        && byQueryScales.stream().allMatch(Float::isFinite);
  }
}
