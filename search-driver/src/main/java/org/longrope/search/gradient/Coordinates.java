package org.longrope.search.gradient;

import org.longrope.search.Candidate;
import org.longrope.search.Outcome;
import org.longrope.search.SearchSpace;

/**
 * Coordinates of a descent: log λ of every pair, or its increments from pair to pair, and last the
 * logarithm of the attention factor. Increments that are not negative keep λ in ascending order.
 */
final class Coordinates {
  /**
   * Rates for an extension to eight times the window; they grow with the logarithm of the ratio.
   */
  private static final double FACTOR_RATE = 0.12;

  private static final double ATTENTION_RATE = 0.024;
  private static final double RATIO_OF_RATES = 8;

  /** Least share of the rates, for targets at which there is little to rescale. */
  private static final double LEAST_SHARE = 0.1;

  /** Increments add up: each moves all pairs after it. */
  private static final double INCREMENT_SHARE = 0.25;

  private static final double LEAST_ATTENTION = StrictMath.log(0.5);
  private static final double GREATEST_ATTENTION = StrictMath.log(2);

  private final SearchSpace space;
  private final boolean increments;
  private final boolean fixedAttention;
  private final int startTokens;

  /** log of the least and the greatest λ. */
  private final double least;

  private final double greatest;

  Coordinates(SearchSpace space, GradientConfig config, int startTokens) {
    this.space = space;
    this.startTokens = startTokens;
    increments = config.monotone();
    fixedAttention = config.fixedAttention();
    least = log(space.lower());
    greatest = log(space.upper());
  }

  private static double log(double hundredths) {
    return StrictMath.log(hundredths / Candidate.STEPS);
  }

  /** Returns the point of a candidate, which is monotone where this keeps to increments. */
  double[] point(Candidate candidate) {
    double[] point = new double[space.pairs() + 1];
    double[] hundredths = candidate.inHundredths();
    double before = 0;
    for (int i = 0; i < hundredths.length; i++) {
      double log = log(hundredths[i]);
      point[i] = increments ? log - before : log;
      before = log;
    }
    point[hundredths.length] = StrictMath.log(candidate.attention() / Candidate.AS_GIVEN);
    return point;
  }

  /** Returns the candidate of a point. */
  Candidate candidate(double[] point) {
    double[] hundredths = new double[space.pairs()];
    double sum = 0;
    for (int i = 0; i < hundredths.length; i++) {
      sum = increments ? sum + point[i] : point[i];
      hundredths[i] = Candidate.STEPS * StrictMath.exp(Math.max(least, Math.min(greatest, sum)));
      // A rounding of the logarithm must not leave the bounds.
      hundredths[i] = Math.max(space.lower(), Math.min(space.upper(), hundredths[i]));
    }
    double attention = Candidate.AS_GIVEN * StrictMath.exp(point[hundredths.length]);
    return Candidate.free(hundredths, startTokens, attention);
  }

  /** Returns the gradient by the coordinates. */
  double[] gradient(Outcome.Gradient outcome) {
    int pairs = space.pairs();
    double[] gradient = new double[pairs + 1];
    double after = 0;
    for (int i = pairs - 1; i >= 0; i--) {
      after = outcome.byLogFactors().get(i) + (increments ? after : 0);
      gradient[i] = after;
    }
    gradient[pairs] = fixedAttention ? 0 : outcome.byLogAttention();
    return gradient;
  }

  /**
   * Returns the greatest usual move of each coordinate in one step. A pair that turns often over
   * the original window moves less: a small change of its λ turns distant tokens by whole turns,
   * and its gradient is mostly noise.
   *
   * @param share of the full rates
   */
  double[] rates(double share) {
    double window = space.rope().originalWindow();
    double s = space.targetLength() / window;
    double size = StrictMath.log(Math.max(s, 1)) / StrictMath.log(RATIO_OF_RATES);
    double scale = share * Math.max(LEAST_SHARE, size);
    double[] rates = new double[space.pairs() + 1];
    double[] frequencies = space.rope().frequencies(space.targetLength());
    for (int i = 0; i < space.pairs(); i++) {
      double turns = frequencies[i] * window / (2 * Math.PI);
      rates[i] = scale * FACTOR_RATE * (increments ? INCREMENT_SHARE : 1) / Math.max(1, turns);
    }
    rates[space.pairs()] = fixedAttention ? 0 : scale * ATTENTION_RATE;
    return rates;
  }

  /** Moves a point into the bounds, in place. */
  void clamp(double[] point) {
    double sum = 0;
    for (int i = 0; i < space.pairs(); i++) {
      double before = increments ? sum : 0;
      double low = increments && i > 0 ? sum : least;
      sum = Math.max(low, Math.min(greatest, before + point[i]));
      point[i] = sum - before;
    }
    int last = space.pairs();
    point[last] = Math.max(LEAST_ATTENTION, Math.min(GREATEST_ATTENTION, point[last]));
  }
}
