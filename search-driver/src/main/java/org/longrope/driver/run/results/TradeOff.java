package org.longrope.driver.run.results;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.longrope.driver.report.plot.FrontPlot;
import org.longrope.eval.rope.Rescaling;

/**
 * Perplexities of a rescaling at long texts and at short ones, measured on the same documents.
 *
 * @param method none, pi, ntk, yarn, …, {@link #FOUND} or {@link #CANDIDATE}
 * @param longPerplexity at the target length, positive and finite
 * @param shortPerplexity at the original window, positive and finite
 */
public record TradeOff(
    String method, Rescaling rescaling, double longPerplexity, double shortPerplexity) {
  /** Method name of the result of the search. */
  public static final String FOUND = "found";

  /** Method name of the result with its queries as they are. */
  public static final String WITHOUT_QUERY_SCALES = "found, without query scales";

  /** Method name of another rescaling that the search evaluated. */
  public static final String CANDIDATE = "candidate";

  /** Returns a copy with another method name. */
  public TradeOff withMethod(String other) {
    return new TradeOff(other, rescaling, longPerplexity, shortPerplexity);
  }

  /** Returns whether this is the result of the search. */
  public boolean isFound() {
    return method.equals(FOUND);
  }

  FrontPlot.Point toPoint() {
    // A variation of a published method has a comma in its name.
    boolean published = !method.equals(CANDIDATE) && !method.contains(",");
    FrontPlot.Part part =
        isFound()
            ? FrontPlot.Part.FOUND
            : published ? FrontPlot.Part.BASELINE : FrontPlot.Part.OTHER;
    return new FrontPlot.Point(method, part, longPerplexity, shortPerplexity);
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
