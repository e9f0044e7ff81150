package org.longrope.eval.rope;

import java.io.Serializable;

/**
 * One complete choice of how positions are rescaled: what an evaluation measures and a search looks
 * for.
 *
 * @param factors λ, one for each rotated pair
 * @param startTokens n̂: positions m &lt; n̂ keep the checkpoint's own angles
 * @param attentionFactor a: multiplies cos and sin at every position
 */
public record Rescaling(RescaleFactors factors, int startTokens, double attentionFactor)
    implements Serializable {
  public Rescaling {
    if (!(startTokens >= 0)) {
      throw new IllegalArgumentException(
          "Cannot keep " + startTokens + " start tokens: expected 0 or more");
    }
    if (!(attentionFactor > 0 && attentionFactor < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Cannot scale attention by " + attentionFactor + ": expected a positive number");
    }
  }
}
