package org.longrope.driver.measure.perplexity;

import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.FactorSet;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;

/**
 * Which rescaling to measure at a length: a method or given factors, and what is said beside them.
 *
 * @param method used where there are no factors
 * @param factors from a file; null for a method
 * @param targetLength in tokens; null: the length that is measured
 * @param startTokens null: the file's, else 0
 * @param attentionFactor null: the file's, else su with factors, and the method's own with a method
 */
public record RescalingChoice(
    RopeMethod method,
    @Nullable FactorSet factors,
    @Nullable Integer targetLength,
    @Nullable Integer startTokens,
    @Nullable AttentionFactor attentionFactor) {

  /** The rescaling for reading so many tokens. */
  public Rescaling at(int length, RopeGeometry rope) {
    int target = targetLength == null ? length : targetLength;
    RescaleFactors lambda =
        factors == null ? method.factors(rope, target, length) : factors.factors();
    return new Rescaling(lambda, effectiveStartTokens(), effectiveAttentionFactor(rope, target));
  }

  private int effectiveStartTokens() {
    if (startTokens != null) {
      return startTokens;
    }
    Integer ofFile = factors == null ? null : factors.startTokens();
    return ofFile == null ? 0 : ofFile;
  }

  private double effectiveAttentionFactor(RopeGeometry rope, int target) {
    if (attentionFactor != null) {
      return attentionFactor.value(rope, target);
    }
    if (factors == null) {
      return method.attentionFactor().value(rope, target);
    }
    Double ofFile = factors.attentionFactor();
    if (ofFile != null) {
      return ofFile;
    }
    // What Hugging Face computes for a longrope config that does not say it.
    Integer ofFactors = factors.targetLength();
    int extendedTo = targetLength == null && ofFactors != null ? ofFactors : target;
    return AttentionFactor.SU.value(rope, extendedTo);
  }
}
