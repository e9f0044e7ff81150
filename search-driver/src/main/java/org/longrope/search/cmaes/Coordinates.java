package org.longrope.search.cmaes;

import java.util.Arrays;
import org.longrope.search.Candidate;
import org.longrope.search.MonotoneRepair;
import org.longrope.search.SearchSpace;

/**
 * Map from real vectors to candidates around a centre, which is the vector of zeros. The first
 * coordinates bend log λ. Where they are searched, further ones are the shift of log λ along the
 * pairs, the logarithm of the attention factor, and the index of n̂ in the list of allowed numbers.
 *
 * <p>log λ_i = c(i − x) + Σ_k b_i(k)·x_k. c interpolates the centre's log λ linearly; x moves its
 * critical dimension by x pairs. The b are hat functions of a few control points spread evenly over
 * the pairs, so that neighbours move together; with as many points as pairs each moves by itself. A
 * vector whose factors descend or leave the bounds maps to the nearest candidate ({@link
 * MonotoneRepair}).
 */
final class Coordinates {
  /** In thousandths of the search's attention factor. */
  private static final int LEAST_ATTENTION = 500;

  private static final int GREATEST_ATTENTION = 2000;

  private static final int NOWHERE = -1;

  private final SearchSpace space;
  private final double[] centre;
  private final double attention;
  private final int startTokens;
  private final int points;

  /** Index in a vector; {@link #NOWHERE} if the coordinate is not searched. */
  private final int shiftAt;

  private final int attentionAt;
  private final int startTokensAt;
  private final int dimension;

  /**
   * Prepares coordinates around a centre.
   *
   * @param points control points, 1 … d/2
   * @param shifts whether the critical dimension is searched
   * @param attentionMoves whether the attention factor is searched
   * @param startTokensMove whether n̂ is searched
   */
  Coordinates(
      SearchSpace space,
      Candidate centre,
      int points,
      boolean shifts,
      boolean attentionMoves,
      boolean startTokensMove) {
    this.space = space;
    this.centre = logarithms(centre);
    attention = StrictMath.log(centre.attention());
    startTokens = space.startTokens().indexOf(centre.startTokens());
    this.points = points;
    int next = points;
    shiftAt = shifts ? next++ : NOWHERE;
    attentionAt = attentionMoves ? next++ : NOWHERE;
    startTokensAt = startTokensMove ? next++ : NOWHERE;
    dimension = next;
  }

  private static double[] logarithms(Candidate candidate) {
    return Arrays.stream(candidate.inHundredths()).map(StrictMath::log).toArray();
  }

  int points() {
    return points;
  }

  int dimension() {
    return dimension;
  }

  /**
   * Returns a vector with one value for each kind of coordinate.
   *
   * @param bend value of the coordinates that bend log λ
   * @param shift value for the critical dimension, in pairs
   * @param attentionFactor value for the attention factor
   * @param place value for n̂
   */
  double[] each(double bend, double shift, double attentionFactor, double place) {
    double[] values = new double[dimension];
    Arrays.fill(values, 0, points, bend);
    put(values, shiftAt, shift);
    put(values, attentionAt, attentionFactor);
    put(values, startTokensAt, place);
    return values;
  }

  private static void put(double[] values, int at, double value) {
    if (at != NOWHERE) {
      values[at] = value;
    }
  }

  /** Returns the attention factor's value; 0 if it is not searched. */
  double attention(double[] values) {
    return at(values, attentionAt);
  }

  /** Returns the value of n̂; 0 if it is not searched. */
  double startTokens(double[] values) {
    return at(values, startTokensAt);
  }

  private static double at(double[] values, int at) {
    return at == NOWHERE ? 0 : values[at];
  }

  /** Returns the candidate of a vector. */
  Candidate candidate(double[] vector) {
    double shift = at(vector, shiftAt);
    double[] hundredths = new double[centre.length];
    for (int i = 0; i < centre.length; i++) {
      double place = i * (points - 1) / (double) Math.max(1, centre.length - 1);
      double bend = between(vector, place, points);
      hundredths[i] = StrictMath.exp(between(centre, i - shift, centre.length) + bend);
    }
    double[] inside = inside(vector);
    return Candidate.of(
        MonotoneRepair.nearest(hundredths, space.lower(), space.upper()),
        space.startTokens().get((int) Math.round(startTokens + startTokens(inside))),
        (int) Math.round(StrictMath.exp(attention + attention(inside))));
  }

  /**
   * Returns a vector whose candidate is near a given one: where every factor moves by itself, it
   * differs by rounding alone. Control points take the candidate's log λ at their pairs, and there
   * is no shift.
   */
  double[] vector(Candidate candidate) {
    double[] values = logarithms(candidate);
    double[] vector = new double[dimension];
    int last = centre.length - 1;
    for (int k = 0; k < points; k++) {
      double pair = k * last / (double) Math.max(1, points - 1);
      vector[k] = between(values, pair, values.length) - between(centre, pair, centre.length);
    }
    put(vector, attentionAt, StrictMath.log(candidate.attention()) - attention);
    double place = space.startTokens().indexOf(candidate.startTokens());
    put(vector, startTokensAt, place - startTokens);
    return vector;
  }

  /** Interpolates the first values linearly; outside them the outermost value holds. */
  private static double between(double[] values, double place, int count) {
    double inside = clamp(0, place, count - 1.0);
    int left = (int) inside;
    int right = Math.min(left + 1, count - 1);
    return values[left] + (inside - left) * (values[right] - values[left]);
  }

  /**
   * Returns a vector with attention factor and n̂ clamped to their bounds. Outside them all vectors
   * map to one candidate, and a distribution there would not return.
   */
  double[] inside(double[] vector) {
    double[] inside = vector.clone();
    put(
        inside,
        attentionAt,
        clamp(
            StrictMath.log(LEAST_ATTENTION) - attention,
            attention(vector),
            StrictMath.log(GREATEST_ATTENTION) - attention));
    double last = space.startTokens().size() - 1.0;
    put(inside, startTokensAt, clamp(-startTokens, startTokens(vector), last - startTokens));
    return inside;
  }

  private static double clamp(double low, double value, double high) {
    return Math.max(low, Math.min(high, value));
  }
}
