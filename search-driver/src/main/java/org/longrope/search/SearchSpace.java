package org.longrope.search;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;

/**
 * Search space (arXiv 2402.13753, section 3.2, table 4): 1 ≤ λ_i ≤ λ_{i+1} ≤ upper bound on a grid
 * of 0.01, and n̂ from a short list. Strategies that can may add query scales.
 *
 * @param rope rotation of the checkpoint
 * @param targetLength length to search for, tokens
 * @param upper greatest factor, in hundredths
 * @param queryScales the scales of 1 from which a search begins; none where it leaves queries
 */
public record SearchSpace(RopeGeometry rope, int targetLength, int upper, QueryScales queryScales) {
  /** Without 1, which equals 0: the angles of position 0 are 0 with any factor. */
  private static final List<Integer> START_TOKENS =
      List.of(0, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256);

  /**
   * Checks the bounds.
   *
   * @throws IllegalArgumentException if the upper bound is below 1, or the length is not positive
   */
  public SearchSpace {
    if (!(targetLength > 0 && upper >= Candidate.STEPS)) {
      throw new IllegalArgumentException(
          "Cannot search factors up to %d hundredths for %d tokens: expected 100 or more, and 1 token or more"
              .formatted(upper, targetLength));
    }
  }

  /**
   * Returns the paper's space for an extension: λ up to 1.25·s, s = target length / original
   * window.
   *
   * @throws IllegalArgumentException if the target is not longer than the original window
   */
  public static SearchSpace extending(RopeGeometry rope, int targetLength) {
    if (!(targetLength > rope.originalWindow())) {
      throw new IllegalArgumentException(
          "Cannot search factors for %d tokens: expected more than the original window of %d"
              .formatted(targetLength, rope.originalWindow()));
    }
    // In integers: 125·s in floating point may be just below its own floor.
    long upper = 125L * targetLength / rope.originalWindow();
    return new SearchSpace(
        rope, targetLength, (int) Math.min(upper, Integer.MAX_VALUE), QueryScales.NONE);
  }

  /**
   * Returns the space for any target, with its own bound.
   *
   * @param maxFactor greatest λ, at least 1; rounded down to the grid
   */
  public static SearchSpace upTo(double maxFactor, RopeGeometry rope, int targetLength) {
    // Half a millionth, so that 2.3 does not become 2.29 through its binary form.
    double hundredths = Math.floor(Candidate.STEPS * maxFactor + 5e-7);
    return new SearchSpace(
        rope, targetLength, (int) Math.min(hundredths, Integer.MAX_VALUE), QueryScales.NONE);
  }

  /**
   * Returns this space with query scales.
   *
   * @param ones scales of 1, which a search begins with
   */
  public SearchSpace withQueryScales(QueryScales ones) {
    return new SearchSpace(rope, targetLength, upper, ones);
  }

  /** Returns the factors of PI, NTK and YaRN for the target, from which Algorithm 1 begins. */
  public List<RescaleFactors> methods() {
    return Stream.of(RopeMethod.PI, RopeMethod.NTK, RopeMethod.YARN)
        .map(method -> method.factors(rope, targetLength, targetLength))
        .toList();
  }

  /** Returns the nearest candidates to the methods' factors. */
  public List<Candidate> seeds() {
    return methods().stream().map(factors -> Candidate.nearest(factors, 0, this)).toList();
  }

  /** Returns d/2, the number of factors. */
  public int pairs() {
    return rope.pairs();
  }

  /** Returns the least factor, in hundredths. */
  public int lower() {
    return Candidate.STEPS;
  }

  /** Returns the allowed n̂, ascending, none above the target length. */
  public List<Integer> startTokens() {
    return START_TOKENS.stream().filter(tokens -> tokens <= targetLength).toList();
  }

  /** Returns whether a candidate has this space's number of factors, bounds and an allowed n̂. */
  public boolean contains(Candidate candidate) {
    return candidate.pairs() == pairs()
        && Arrays.stream(candidate.inHundredths()).allMatch(n -> n >= lower() && n <= upper())
        && startTokens().contains(candidate.startTokens());
  }

  int nearestStartTokens(int startTokens) {
    return startTokens().stream()
        .min(Comparator.comparingLong(allowed -> Math.abs((long) allowed - startTokens)))
        .orElseThrow();
  }
}
