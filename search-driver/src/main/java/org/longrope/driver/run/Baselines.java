package org.longrope.driver.run;

import java.util.LinkedHashMap;
import java.util.Map;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;

/**
 * What found factors are compared with: each method with the attention factor it is published with,
 * and with the search's own, so that a gain is the factors' and not the attention factor's.
 */
final class Baselines {
  private static final RopeMethod[] METHODS = {
    RopeMethod.NONE, RopeMethod.PI, RopeMethod.NTK, RopeMethod.YARN
  };

  private Baselines() {}

  /** By name, in the order of the table. */
  static Map<String, Rescaling> of(
      RopeGeometry rope, int targetLength, AttentionFactor attentionFactor) {
    Map<String, Rescaling> baselines = new LinkedHashMap<>();
    for (RopeMethod method : METHODS) {
      baselines.put(
          method.toString(), rescaling(method, rope, targetLength, method.attentionFactor()));
    }
    for (RopeMethod method : METHODS) {
      Rescaling same = rescaling(method, rope, targetLength, attentionFactor);
      if (method != RopeMethod.NONE && !baselines.containsValue(same)) {
        baselines.put(method + ", a = " + attentionFactor, same);
      }
    }
    return baselines;
  }

  private static Rescaling rescaling(
      RopeMethod method, RopeGeometry rope, int targetLength, AttentionFactor attentionFactor) {
    return new Rescaling(
        method.factors(rope, targetLength, targetLength),
        0,
        attentionFactor.value(rope, targetLength));
  }
}
