package org.longrope.driver.report.table;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.longrope.eval.rope.Rescaling;

/**
 * How well a rescaling reads long texts and how well short ones, measured on the same documents.
 *
 * @param method none, pi, ntk, yarn, …, {@link #FOUND} or {@link #CANDIDATE}
 * @param longPerplexity at the target length, positive and finite
 * @param shortPerplexity at the original window, positive and finite
 */
public record TradeOff(
    String method, Rescaling rescaling, double longPerplexity, double shortPerplexity) {
  /** What the search minimised best. */
  public static final String FOUND = "found";

  /** Another of the search's. */
  public static final String CANDIDATE = "candidate";

  /** The same by another name. */
  public TradeOff as(String other) {
    return new TradeOff(other, rescaling, longPerplexity, shortPerplexity);
  }

  public boolean isFound() {
    return method.equals(FOUND);
  }

  /** Whether it is known by a name of its own, as published, without a variation after a comma. */
  public boolean isBaseline() {
    return !isFound() && !method.equals(CANDIDATE) && !method.contains(",");
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode().put("method", method);
    rescaling.factors().toList().forEach(json.putArray("rescale_factors")::add);
    return json.put("start_tokens", rescaling.startTokens())
        .put("attention_factor", rescaling.attentionFactor())
        .put("target_perplexity", longPerplexity)
        .put("original_perplexity", shortPerplexity);
  }
}
