package org.longrope.search;

import java.util.Arrays;
import java.util.List;

/**
 * Where candidates lie as real vectors about a centre: some coordinates that bend log λ, then,
 * where they are searched, the logarithm of the attention factor and the place of n̂ in the list of
 * allowed numbers. The centre is the vector of zeros.
 *
 * <p>log λ_i = log of the centre's λ_i + Σ_k b_i(k)·x_k. The b are hat functions of a few control
 * points spread evenly over the pairs, so that neighbours move together; with as many points as
 * pairs each moves by itself. A vector whose factors fall, or leave the bounds, stands for the
 * nearest candidate ({@link MonotoneRepair}).
 */
final class Coordinates {
  /** Thousandths of the search's attention factor. */
  private static final int LEAST_ATTENTION = 500;

  private static final int GREATEST_ATTENTION = 2000;

  private final SearchSpace space;
  private final double[] centre;
  private final double attention;
  private final int startTokens;
  private final int points;
  private final boolean attentionMoves;
  private final boolean startTokensMove;

  /**
   * @param points control points, 1 … d/2
   * @param attentionMoves whether the attention factor is searched
   * @param startTokensMove whether n̂ is searched
   */
  Coordinates(
      SearchSpace space,
      Candidate centre,
      int points,
      boolean attentionMoves,
      boolean startTokensMove) {
    this.space = space;
    this.centre = Arrays.stream(centre.hundredths()).mapToDouble(StrictMath::log).toArray();
    attention = StrictMath.log(centre.attention());
    startTokens = space.startTokens().indexOf(centre.startTokens());
    this.points = points;
    this.attentionMoves = attentionMoves;
    this.startTokensMove = startTokensMove;
  }

  int points() {
    return points;
  }

  int dimension() {
    return points + (attentionMoves ? 1 : 0) + (startTokensMove ? 1 : 0);
  }

  /**
   * A value for each coordinate.
   *
   * @param bend of those that bend log λ
   * @param attentionFactor of the attention factor's
   * @param place of n̂'s
   */
  double[] each(double bend, double attentionFactor, double place) {
    double[] values = new double[dimension()];
    Arrays.fill(values, 0, points, bend);
    if (attentionMoves) {
      values[points] = attentionFactor;
    }
    if (startTokensMove) {
      values[dimension() - 1] = place;
    }
    return values;
  }

  /** The nearest candidate. */
  Candidate candidate(double[] vector) {
    double[] hundredths = new double[centre.length];
    for (int i = 0; i < centre.length; i++) {
      double place = i * (points - 1) / (double) Math.max(1, centre.length - 1);
      int left = Math.min((int) place, points - 1);
      int right = Math.min(left + 1, points - 1);
      double bend = vector[left] + (place - left) * (vector[right] - vector[left]);
      hundredths[i] = StrictMath.exp(centre[i] + bend);
    }
    double[] inside = inside(vector);
    double logarithm = attention + (attentionMoves ? inside[points] : 0);
    double place = startTokens + (startTokensMove ? inside[dimension() - 1] : 0);
    return Candidate.of(
        MonotoneRepair.nearest(hundredths, space.lower(), space.upper()),
        space.startTokens().get((int) Math.round(place)),
        (int) Math.round(StrictMath.exp(logarithm)));
  }

  /**
   * The same with attention factor and n̂ in their bounds: outside them all vectors are one
   * candidate, and a distribution that has strayed there would not find back.
   */
  double[] inside(double[] vector) {
    double[] inside = vector.clone();
    if (attentionMoves) {
      inside[points] =
          between(
              StrictMath.log(LEAST_ATTENTION) - attention,
              vector[points],
              StrictMath.log(GREATEST_ATTENTION) - attention);
    }
    if (startTokensMove) {
      List<Integer> allowed = space.startTokens();
      int last = dimension() - 1;
      inside[last] = between(-startTokens, vector[last], allowed.size() - 1.0 - startTokens);
    }
    return inside;
  }

  private static double between(double low, double value, double high) {
    return Math.max(low, Math.min(high, value));
  }
}
