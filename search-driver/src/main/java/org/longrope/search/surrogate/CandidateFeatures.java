package org.longrope.search.surrogate;

import org.longrope.search.Candidate;

/**
 * Input values of a candidate for a regression: the means of log λ over eighths of the pairs,
 * because neighbours have similar effects, then the logarithms of the attention factor (relative to
 * the search's own) and of n̂ + 1. They are few, so that a quadratic function of them can be learnt
 * from a few generations.
 */
public final class CandidateFeatures {
  private static final int AVERAGES = 8;

  private CandidateFeatures() {}

  /** Returns ten values, fewer if there are fewer than eight pairs. */
  public static double[] of(Candidate candidate) {
    int pairs = candidate.pairs();
    double[] hundredths = candidate.inHundredths();
    int averages = Math.min(AVERAGES, pairs);
    double[] features = new double[averages + 2];
    for (int k = 0; k < averages; k++) {
      int begin = k * pairs / averages;
      int end = (k + 1) * pairs / averages;
      for (int i = begin; i < end; i++) {
        double lambda = hundredths[i] / Candidate.STEPS;
        features[k] += StrictMath.log(lambda) / (end - begin);
      }
    }
    features[averages] = StrictMath.log(candidate.attention() / Candidate.AS_GIVEN);
    features[averages + 1] = StrictMath.log1p(candidate.startTokens());
    return features;
  }
}
