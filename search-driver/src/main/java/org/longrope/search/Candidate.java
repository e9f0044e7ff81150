package org.longrope.search;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.longrope.eval.Sha256;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Point of the search space: monotone rescale factors λ on a grid of 0.01, start tokens n̂ (arXiv
 * 2402.13753, section 3.2), and a multiple of the search's attention factor. Immutable.
 *
 * <p>Factors are integers in hundredths (100 is λ = 1) and the attention is an integer in
 * thousandths, so that equality, journals and bounds are exact.
 */
public final class Candidate {
  /** Steps of the grid for one unit of λ. */
  public static final int STEPS = 100;

  /** Attention of a candidate that uses the search's attention factor itself. */
  public static final int AS_GIVEN = 1000;

  private static final int ID_LENGTH = 12;

  private final int[] hundredths;
  private final int startTokens;
  private final int attention;

  private Candidate(int[] hundredths, int startTokens, int attention) {
    this.hundredths = hundredths;
    this.startTokens = startTokens;
    this.attention = attention;
    boolean monotone = hundredths.length > 0 && hundredths[0] > 0;
    for (int i = 1; i < hundredths.length; i++) {
      monotone &= hundredths[i - 1] <= hundredths[i];
    }
    if (!monotone) {
      throw new IllegalArgumentException(
          "Cannot use factors of %s hundredths: expected positive ones in ascending order"
              .formatted(Arrays.toString(hundredths)));
    }
    if (!(startTokens >= 0)) {
      throw new IllegalArgumentException(
          "Cannot use " + startTokens + " start tokens: expected 0 or more");
    }
    if (!(attention > 0)) {
      throw new IllegalArgumentException(
          "Cannot use an attention of " + attention + " thousandths: expected more than 0");
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
    return new Candidate(hundredths.clone(), startTokens, attention);
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
    return new Candidate(
        MonotoneRepair.nearest(values, space.lower(), space.upper()),
        space.nearestStartTokens(startTokens),
        attention);
  }

  /** Returns λ. */
  public RescaleFactors factors() {
    return RescaleFactors.of(
        Arrays.stream(hundredths).mapToDouble(value -> value / (double) STEPS).toArray());
  }

  /** Returns n̂: positions below it keep the checkpoint's own angles. */
  public int startTokens() {
    return startTokens;
  }

  /** Returns thousandths of the search's attention factor; {@link #AS_GIVEN} is that factor. */
  public int attention() {
    return attention;
  }

  /** Returns d/2, the number of factors. */
  public int pairs() {
    return hundredths.length;
  }

  /** Returns 100·λ_i for i = 0 … d/2−1. */
  public int[] hundredths() {
    return hundredths.clone();
  }

  /** Returns 100·λ of one pair. */
  public int hundredths(int pair) {
    return hundredths[pair];
  }

  /** Returns a short hash of the genome, equal in every run and on every machine. */
  public String id() {
    ByteBuffer genome = ByteBuffer.allocate(Integer.BYTES * (2 + hundredths.length));
    genome.putInt(startTokens);
    Arrays.stream(hundredths).forEach(genome::putInt);
    if (attention != AS_GIVEN) {
      genome.putInt(attention);
    }
    return new Sha256().add(genome.flip()).hex().substring(0, ID_LENGTH);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Candidate that
        && startTokens == that.startTokens
        && attention == that.attention
        && Arrays.equals(hundredths, that.hundredths);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * Arrays.hashCode(hundredths) + startTokens) + attention;
  }

  @Override
  public String toString() {
    String relative = attention == AS_GIVEN ? "" : ", attention " + attention + " ‰";
    return "Candidate %s (start tokens %d%s, factors %s)"
        .formatted(id(), startTokens, relative, factors());
  }
}
