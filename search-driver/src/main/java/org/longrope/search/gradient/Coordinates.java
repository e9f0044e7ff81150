package org.longrope.search.gradient;

import java.util.Arrays;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;
import org.longrope.search.SearchSpace;

/**
 * Coordinates of a descent: log λ of every pair, or its increments from pair to pair, the logarithm
 * of the attention factor, and ψ of each query scale. Increments that are not negative keep λ in
 * ascending order.
 */
final class Coordinates {
  /**
   * Rates for an extension to eight times the window; they grow with the logarithm of the ratio.
   */
  private static final double FACTOR_RATE = 0.12;

  private static final double ATTENTION_RATE = 0.024;
  private static final double RATIO_OF_RATES = 8;

  private static final double SCALE_RATE = 0.03;

  /** Share of its rate by which ψ goes back to 0 in a step. */
  private static final double DECAY = 1;

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

  /** Index of the attention factor. */
  private final int attention;

  /** Number of coordinates. */
  private final int size;

  /** log of the least and the greatest λ. */
  private final double least;

  private final double greatest;

  Coordinates(SearchSpace space, GradientConfig config, int startTokens) {
    this.space = space;
    this.startTokens = startTokens;
    attention = space.pairs();
    size = space.pairs() + 1 + space.queryScales().size();
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
    double[] point = new double[size];
    double[] hundredths = candidate.inHundredths();
    double before = 0;
    for (int i = 0; i < hundredths.length; i++) {
      double log = log(hundredths[i]);
      point[i] = increments ? log - before : log;
      before = log;
    }
    point[attention] = StrictMath.log(candidate.attention() / Candidate.AS_GIVEN);
    double[] psi = candidate.queryScales().logs();
    System.arraycopy(psi, 0, point, attention + 1, psi.length);
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
    double thousandths = Candidate.AS_GIVEN * StrictMath.exp(point[attention]);
    return Candidate.free(hundredths, startTokens, thousandths)
        .withQueryScales(
            space.queryScales().withLogs(Arrays.copyOfRange(point, attention + 1, size)));
  }

  /** Returns the gradient by the coordinates. */
  double[] gradient(Outcome.Gradient outcome) {
    double[] gradient = new double[size];
    double after = 0;
    for (int i = attention - 1; i >= 0; i--) {
      after = outcome.byLogFactors().get(i) + (increments ? after : 0);
      gradient[i] = after;
    }
    gradient[attention] = fixedAttention ? 0 : outcome.byLogAttention();
    for (int i = attention + 1; i < size; i++) {
      gradient[i] = outcome.byQueryScales().get(i - attention - 1);
    }
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
    double extension = StrictMath.log(Math.max(s, 1)) / StrictMath.log(RATIO_OF_RATES);
    double scale = share * Math.max(LEAST_SHARE, extension);
    double[] rates = new double[size];
    double[] frequencies = space.rope().frequencies(space.targetLength());
    for (int i = 0; i < space.pairs(); i++) {
      double turns = frequencies[i] * window / (2 * Math.PI);
      rates[i] = scale * FACTOR_RATE * (increments ? INCREMENT_SHARE : 1) / Math.max(1, turns);
    }
    rates[attention] = fixedAttention ? 0 : scale * ATTENTION_RATE;
    Arrays.fill(rates, attention + 1, size, share * SCALE_RATE);
    return rates;
  }

  /**
   * Moves ψ towards 0, in place: without need a query stays as it is.
   *
   * @param rates of the step
   */
  void decay(double[] point, double[] rates) {
    for (int i = attention + 1; i < size; i++) {
      point[i] -= DECAY * rates[i] * point[i];
    }
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
    point[attention] = Math.max(LEAST_ATTENTION, Math.min(GREATEST_ATTENTION, point[attention]));
  }
}
