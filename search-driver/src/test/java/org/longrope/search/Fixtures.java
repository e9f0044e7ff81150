package org.longrope.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.longrope.eval.rope.RopeGeometry;

/** Spaces, candidates and bounds that several tests share. */
public final class Fixtures {
  /** A small model: 32 pairs, extended from 256 to 2,048 tokens (s = 8). */
  public static final SearchSpace SPACE = space(64, 256, 2048);

  private Fixtures() {}

  public static SearchSpace space(int rotaryDimension, int window, int target) {
    return SearchSpace.extending(new RopeGeometry(rotaryDimension, 10_000, window), target);
  }

  /** Factors drawn uniformly and sorted; plateaus when drawn from few values. */
  public static Candidate random(SearchSpace space, int values, RandomGenerator random) {
    int[] hundredths = new int[space.pairs()];
    for (int i = 0; i < hundredths.length; i++) {
      int level = random.nextInt(values);
      hundredths[i] = space.lower() + level * (space.upper() - space.lower()) / (values - 1);
    }
    Arrays.sort(hundredths);
    int startTokens = space.startTokens().get(random.nextInt(space.startTokens().size()));
    return Candidate.of(hundredths, startTokens);
  }

  /**
   * Asserts that a count of n independent trials fits chance p: within 4.5 standard deviations,
   * which a right operator misses about seven times in a million. Seeds are fixed, so the result is
   * the same in every run.
   */
  public static void assertBinomial(String what, long count, long n, double p) {
    double bound = 4.5 * Math.sqrt(n * p * (1 - p));
    assertThat((double) count)
        .as("%s: %d of %d, expected chance %s", what, count, n, p)
        .isBetween(n * p - bound, n * p + bound);
  }

  /**
   * Asserts that counts are uniform: chi-square below its mean + 4.5 standard deviations, with a
   * constant for the skew of the distribution for few cells.
   */
  public static void assertUniform(String what, long[] counts) {
    double expected = Arrays.stream(counts).sum() / (double) counts.length;
    assertThat(expected).as("%s: expected count of a cell", what).isGreaterThan(5);
    double chiSquare =
        Arrays.stream(counts).mapToDouble(c -> (c - expected) * (c - expected) / expected).sum();
    double freedom = counts.length - 1;
    assertThat(chiSquare)
        .as("%s: chi-square of %s", what, Arrays.toString(counts))
        .isLessThan(freedom + 4.5 * Math.sqrt(2 * freedom) + 10);
  }
}
