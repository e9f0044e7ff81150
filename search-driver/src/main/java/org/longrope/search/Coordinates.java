package org.longrope.search;

import java.util.Arrays;
import java.util.List;

/**
 * Where candidates lie as real vectors: some coordinates that bend log λ, then the logarithm of the
 * attention factor over the search's own, then the place of n̂ in the list of allowed numbers.
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
  private final int points;

  /**
   * @param centre log λ_i for i = 0 … d/2−1
   * @param points control points, 2 … d/2
   */
  Coordinates(SearchSpace space, double[] centre, int points) {
    this.space = space;
    this.centre = centre.clone();
    this.points = points;
  }

  /** log λ of a candidate. */
  static double[] logarithms(Candidate candidate) {
    return Arrays.stream(candidate.hundredths())
        .mapToDouble(value -> StrictMath.log(value / (double) Candidate.STEPS))
        .toArray();
  }

  int points() {
    return points;
  }

  /** How many coordinates there are: the control points, the attention factor and n̂. */
  int dimension() {
    return points + 2;
  }

  /** The vector at the centre's factors with the given attention factor and start tokens. */
  double[] at(double attention, double startTokens) {
    double[] vector = new double[dimension()];
    vector[points] = attention;
    vector[points + 1] = startTokens;
    return vector;
  }

  /** The vector at the centre's factors with a candidate's attention factor and start tokens. */
  double[] at(Candidate candidate) {
    return at(
        StrictMath.log(candidate.attention() / (double) Candidate.AS_GIVEN),
        space.startTokens().indexOf(candidate.startTokens()));
  }

  /** log λ_i of a vector, neither ordered nor bounded. */
  double[] logarithms(double[] vector) {
    double[] logarithms = centre.clone();
    for (int i = 0; i < logarithms.length; i++) {
      double place = i * (points - 1) / (double) Math.max(1, logarithms.length - 1);
      int left = Math.min((int) place, points - 1);
      int right = Math.min(left + 1, points - 1);
      logarithms[i] += vector[left] + (place - left) * (vector[right] - vector[left]);
    }
    return logarithms;
  }

  /** The nearest candidate. */
  Candidate candidate(double[] vector) {
    double[] hundredths =
        Arrays.stream(logarithms(vector))
            .map(log -> Candidate.STEPS * StrictMath.exp(log))
            .toArray();
    List<Integer> startTokens = space.startTokens();
    long place = Math.round(vector[points + 1]);
    double attention = Candidate.AS_GIVEN * StrictMath.exp(vector[points]);
    return Candidate.of(
        MonotoneRepair.nearest(hundredths, space.lower(), space.upper()),
        startTokens.get((int) Math.max(0, Math.min(startTokens.size() - 1, place))),
        (int) Math.round(Math.max(LEAST_ATTENTION, Math.min(GREATEST_ATTENTION, attention))));
  }
}
