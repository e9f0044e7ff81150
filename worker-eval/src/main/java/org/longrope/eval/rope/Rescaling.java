package org.longrope.eval.rope;

import java.io.Serializable;

/**
 * One complete choice of how positions are rescaled: what an evaluation measures and a search looks
 * for.
 *
 * @param factors λ, one for each rotated pair
 * @param startTokens n̂: positions m &lt; n̂ keep the checkpoint's own angles
 * @param attentionFactor a: multiplies cos and sin at every position
 * @param queryScales exp(ψ): multiply the rotated parts of queries
 */
public record Rescaling(
    RescaleFactors factors, int startTokens, double attentionFactor, QueryScales queryScales)
    implements Serializable {
  /** More than rounding makes of a factor, and less than any two choices differ. */
  private static final double ROUNDING = 1e-12;

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

  /** Makes a rescaling that leaves the queries as they are. */
  public Rescaling(RescaleFactors factors, int startTokens, double attentionFactor) {
    this(factors, startTokens, attentionFactor, QueryScales.NONE);
  }

  /** Returns this rescaling with other query scales. */
  public Rescaling withQueryScales(QueryScales scales) {
    return new Rescaling(factors, startTokens, attentionFactor, scales);
  }

  /** Returns whether another rescaling differs by rounding at most. */
  public boolean isNear(Rescaling other) {
    if (startTokens != other.startTokens
        || factors.pairs() != other.factors.pairs()
        || !queryScales.equals(other.queryScales)) {
      return false;
    }
    boolean near = isNear(attentionFactor, other.attentionFactor);
    for (int i = 0; near && i < factors.pairs(); i++) {
      near = isNear(factors.get(i), other.factors.get(i));
    }
    return near;
  }

  private static boolean isNear(double one, double other) {
    return Math.abs(one - other) <= ROUNDING * other;
  }
}
