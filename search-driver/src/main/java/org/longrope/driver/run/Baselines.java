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

  /** By name, in the order of the table; of an extended model what it comes to after them. */
  static Map<String, Rescaling> of(
      Subject subject, int targetLength, AttentionFactor attentionFactor) {
    Extension extension = subject.extension();
    RopeGeometry rope = subject.searched();
    Map<String, Rescaling> baselines = new LinkedHashMap<>();
    for (RopeMethod method : METHODS) {
      Rescaling own =
          new Rescaling(
              method.factors(rope, targetLength, targetLength),
              0,
              method.attentionFactor().value(rope, targetLength));
      baselines.put(method.toString(), extension == null ? own : extension.then(own));
    }
    for (RopeMethod method : METHODS) {
      Rescaling same =
          new Rescaling(
              subject.absolute(method.factors(rope, targetLength, targetLength)),
              0,
              attentionFactor.value(subject.rope(), targetLength));
      if (method != RopeMethod.NONE && !baselines.containsValue(same)) {
        baselines.put(method + ", a = " + attentionFactor, same);
      }
    }
    return baselines;
  }
}
