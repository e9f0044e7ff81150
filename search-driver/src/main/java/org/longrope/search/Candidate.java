package org.longrope.search;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.longrope.eval.Sha256;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Point of the search space: rescale factors λ, start tokens n̂ (arXiv 2402.13753, section 3.2), a
 * multiple of the search's attention factor, and query scales. Immutable.
 *
 * <p>Algorithm 1 and CMA-ES use monotone factors on a grid of 0.01 and an attention in thousandths;
 * a search by gradient uses any millionths. All are integers here, so that equality, journals and
 * bounds are exact.
 */
public final class Candidate {
  /** Steps of the grid for one unit of λ. */
  public static final int STEPS = 100;

  /** Attention of a candidate that uses the search's attention factor itself. */
  public static final int AS_GIVEN = 1000;

  private static final int ID_LENGTH = 12;

  /** Units in which factors and attention are stored. */
  private static final int MILLION = 1_000_000;

  private static final int PER_STEP = MILLION / STEPS;
  private static final int PER_THOUSANDTH = MILLION / AS_GIVEN;

  /** λ in millionths. */
  private final long[] factors;

  private final int startTokens;

  /** Millionths of the search's attention factor. */
  private final long attention;

  private final QueryScales queryScales;

  private Candidate(long[] factors, int startTokens, long attention, QueryScales queryScales) {
    this.factors = factors;
    this.startTokens = startTokens;
    this.attention = attention;
    this.queryScales = queryScales;
    if (factors.length == 0 || Arrays.stream(factors).anyMatch(factor -> factor <= 0)) {
      throw new IllegalArgumentException(
          "Cannot use factors of %s millionths: expected positive ones"
              .formatted(Arrays.toString(factors)));
    }
    if (!(startTokens >= 0)) {
      throw new IllegalArgumentException(
          "Cannot use " + startTokens + " start tokens: expected 0 or more");
    }
    if (!(attention > 0)) {
      throw new IllegalArgumentException(
          "Cannot use an attention of " + attention + " millionths: expected more than 0");
    }
  }

  /**
   * Returns the candidate with this genome and the search's own attention factor.
   *
   * @param hundredths 100·λ_i for i = 0 … d/2−1, positive and ascending
   * @param startTokens n̂, 0 or more
   * @throws IllegalArgumentException if the genome has another form
   */
  public static Candidate of(int[] hundredths, int startTokens) {
    return of(hundredths, startTokens, AS_GIVEN);
  }

  /**
   * Returns the candidate with this genome.
   *
   * @param hundredths 100·λ_i for i = 0 … d/2−1, positive and ascending
   * @param startTokens n̂, 0 or more
   * @param attention thousandths of the search's attention factor, more than 0
   * @throws IllegalArgumentException if the genome has another form
   */
  public static Candidate of(int[] hundredths, int startTokens, int attention) {
    for (int i = 1; i < hundredths.length; i++) {
      if (hundredths[i - 1] > hundredths[i]) {
        throw new IllegalArgumentException(
            "Cannot use factors of %s hundredths: expected ascending ones"
                .formatted(Arrays.toString(hundredths)));
      }
    }
    long[] factors = Arrays.stream(hundredths).mapToLong(n -> (long) n * PER_STEP).toArray();
    return new Candidate(factors, startTokens, (long) attention * PER_THOUSANDTH, QueryScales.NONE);
  }

  /**
   * Returns the candidate with factors in any order, rounded to millionths.
   *
   * @param hundredths 100·λ_i for i = 0 … d/2−1, positive
   * @param startTokens n̂, 0 or more
   * @param attention thousandths of the search's attention factor, more than 0
   * @throws IllegalArgumentException if a value is not positive
   */
  public static Candidate free(double[] hundredths, int startTokens, double attention) {
    long[] factors =
        Arrays.stream(hundredths).mapToLong(value -> Math.round(value * PER_STEP)).toArray();
    return new Candidate(
        factors, startTokens, Math.round(attention * PER_THOUSANDTH), QueryScales.NONE);
  }

  /**
   * Returns the nearest candidate to factors in any order: each is clamped to the bounds of a
   * space.
   *
   * @param attention thousandths of the search's attention factor, more than 0
   */
  public static Candidate nearestFree(
      RescaleFactors factors, int startTokens, double attention, SearchSpace space) {
    double[] hundredths =
        Arrays.stream(factors.toArray())
            .map(lambda -> Math.max(space.lower(), Math.min(space.upper(), STEPS * lambda)))
            .toArray();
    return free(hundredths, space.nearestStartTokens(startTokens), attention);
  }

  /** Returns the nearest candidate on the grid in ascending order; this one if it is there. */
  public Candidate onGrid(SearchSpace space) {
    return nearest(factors(), startTokens, (int) Math.round(attention()), space);
  }

  /** Returns this candidate with other start tokens. */
  public Candidate withStartTokens(int other) {
    return new Candidate(factors, other, attention, queryScales);
  }

  /** Returns this candidate with other query scales. */
  public Candidate withQueryScales(QueryScales other) {
    return new Candidate(factors, startTokens, attention, other);
  }

  /**
   * Returns the nearest candidate of a space. Factors are made monotone, rounded to the grid and
   * clamped to the bounds; start tokens become the nearest allowed number (the lower of two).
   *
   * @throws IllegalArgumentException if the space has another number of factors
   */
  public static Candidate nearest(RescaleFactors factors, int startTokens, SearchSpace space) {
    return nearest(factors, startTokens, AS_GIVEN, space);
  }

  /**
   * Returns the nearest candidate of a space, with an attention of its own.
   *
   * @param attention thousandths of the search's attention factor, more than 0
   * @throws IllegalArgumentException if the space has another number of factors
   */
  public static Candidate nearest(
      RescaleFactors factors, int startTokens, int attention, SearchSpace space) {
    if (factors.pairs() != space.pairs()) {
      throw new IllegalArgumentException(
          "Cannot place " + factors.pairs() + " factors in a space of " + space.pairs());
    }
    double[] values = Arrays.stream(factors.toArray()).map(lambda -> lambda * STEPS).toArray();
    return of(
        MonotoneRepair.nearest(values, space.lower(), space.upper()),
        space.nearestStartTokens(startTokens),
        attention);
  }

  /** Returns λ. */
  public RescaleFactors factors() {
    return RescaleFactors.of(
        Arrays.stream(factors).mapToDouble(factor -> factor / (double) MILLION).toArray());
  }

  /** Returns n̂: positions below it keep the checkpoint's own angles. */
  public int startTokens() {
    return startTokens;
  }

  /** Returns thousandths of the search's attention factor; {@link #AS_GIVEN} is that factor. */
  public double attention() {
    return attention / (double) PER_THOUSANDTH;
  }

  /** Returns the query scales; {@link QueryScales#NONE} for queries as they are. */
  public QueryScales queryScales() {
    return queryScales;
  }

  /** Returns d/2, the number of factors. */
  public int pairs() {
    return factors.length;
  }

  /** Returns 100·λ_i for i = 0 … d/2−1; whole numbers on the grid. */
  public double[] inHundredths() {
    return Arrays.stream(factors).mapToDouble(factor -> factor / (double) PER_STEP).toArray();
  }

  /**
   * Returns 100·λ_i of a candidate on the grid of 0.01.
   *
   * @throws IllegalStateException if it is not on the grid
   */
  public int[] hundredths() {
    if (!isOnGrid()) {
      throw new IllegalStateException("Cannot use " + this + ": expected factors on the grid");
    }
    return Arrays.stream(factors).mapToInt(factor -> Math.toIntExact(factor / PER_STEP)).toArray();
  }

  /** Returns 100·λ of one pair of a candidate on the grid. */
  public int hundredths(int pair) {
    return hundredths()[pair];
  }

  /** Tells whether factors are on the grid of 0.01 and the attention in thousandths. */
  public boolean isOnGrid() {
    return Arrays.stream(factors).allMatch(factor -> factor % PER_STEP == 0)
        && attention % PER_THOUSANDTH == 0;
  }

  /** Returns a short hash of the genome, equal in every run and on every machine. */
  public String id() {
    ByteBuffer genome = ByteBuffer.allocate(Long.BYTES * (2 + factors.length));
    genome.putInt(startTokens);
    if (isOnGrid()) {
      Arrays.stream(hundredths()).forEach(genome::putInt);
      if (attention != MILLION) {
        genome.putInt((int) (attention / PER_THOUSANDTH));
      }
    } else {
      Arrays.stream(factors).forEach(genome::putLong);
      genome.putLong(attention);
    }
    Sha256 hash = new Sha256().add(genome.flip());
    if (!queryScales.isNone()) {
      hash.add(queryScales.toString());
    }
    return hash.hex().substring(0, ID_LENGTH);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Candidate that
        && startTokens == that.startTokens
        && attention == that.attention
        && queryScales.equals(that.queryScales)
        && Arrays.equals(factors, that.factors);
  }

  @Override
  public int hashCode() {
    int plain = 31 * (31 * Arrays.hashCode(factors) + startTokens) + Long.hashCode(attention);
    return 31 * plain + queryScales.hashCode();
  }

  @Override
  public String toString() {
    String relative = attention == MILLION ? "" : ", attention " + attention() + " ‰";
    String scaled = queryScales.isNone() ? "" : ", %d query scales".formatted(queryScales.size());
    return "Candidate %s (start tokens %d%s%s, factors %s)"
        .formatted(id(), startTokens, relative, scaled, factors());
  }
}
