package org.longrope.driver.factors;

import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

/**
 * Table of frequencies that a model has without factors. A search's factors divide the model's own
 * frequencies f_i. Total factors, as a config.json holds them, divide b^(−2i/d); they are b^(−2i/d)
 * / f_i times the search's.
 *
 * @param rope of the model
 */
record BaseTable(RopeGeometry rope) {

  /** Tells whether f_i is b^(−2i/d), so that total factors are those of a search. */
  boolean isPlain() {
    return rope.scaling() instanceof RopeScaling.Default
        || rope.scaling() instanceof RopeScaling.LongRope;
  }

  /** Tells whether f_i depends on the length of the text. */
  boolean isOfOneLength() {
    return rope.scaling() instanceof RopeScaling.Dynamic;
  }

  /** Returns the factor on cos and sin that the model has without factors. */
  double attentionFactor() {
    return rope.scaling().attentionFactor();
  }

  /** Returns the total factors of a rescaling that leaves the model as it is. */
  RescaleFactors own(int length) {
    return total(RescaleFactors.uniform(rope.pairs(), 1), length);
  }

  /**
   * Returns b^(−2i/d) / f_i · λ_i.
   *
   * @param length of the text, tokens
   */
  RescaleFactors total(RescaleFactors lambda, int length) {
    return isPlain() ? lambda : quotient(lambda, rope.plainFrequencies(), rope.frequencies(length));
  }

  /**
   * Returns the factors λ_i of which {@link #total} makes the given ones.
   *
   * @param length of the text, tokens
   */
  RescaleFactors relative(RescaleFactors total, int length) {
    return isPlain() ? total : quotient(total, rope.frequencies(length), rope.plainFrequencies());
  }

  private static RescaleFactors quotient(RescaleFactors lambda, double[] over, double[] under) {
    double[] product = lambda.toArray();
    for (int i = 0; i < product.length; i++) {
      product[i] *= over[i] / under[i];
    }
    return RescaleFactors.of(product);
  }
}
