package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.Rescaling;

/** Rescaling as results report it. */
public final class RescalingJson {
  private RescalingJson() {}

  /**
   * Adds a rescaling to a result: all factors, and a summary of the query scales if it has some.
   */
  public static void put(ObjectNode json, Rescaling rescaling) {
    rescaling.factors().toList().forEach(json.putArray("rescale_factors")::add);
    json.put("start_tokens", rescaling.startTokens());
    json.put("attention_factor", rescaling.attentionFactor());
    ObjectNode scales = queryScales(rescaling.queryScales());
    if (scales != null) {
      json.set(QueryScalesJson.KEY, scales);
    }
  }

  /**
   * Summarises query scales: shape, root mean square of ψ and a hash; null where there are none.
   */
  public static @Nullable ObjectNode queryScales(QueryScales scales) {
    return scales.isNone() ? null : QueryScalesJson.summary(scales);
  }
}
