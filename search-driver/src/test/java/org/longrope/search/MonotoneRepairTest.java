package org.longrope.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class MonotoneRepairTest {
  private static final int LOWER = 100;
  private static final int UPPER = 107;

  @Test
  void nearest_anySmallVector_isAsNearAsTheBestOfAll() {
    SplittableRandom random = new SplittableRandom(5);
    for (int n = 0; n < 3000; n++) {
      int length = random.nextInt(1, 6);
      boolean onGrid = random.nextBoolean();
      double[] values =
          random
              .doubles(length, LOWER - 2.0, UPPER + 2.0)
              .map(value -> onGrid ? Math.rint(value) : value)
              .toArray();

      int[] repaired = MonotoneRepair.nearest(values, LOWER, UPPER);

      assertThat(repaired).isSorted();
      assertThat(repaired[0]).isGreaterThanOrEqualTo(LOWER);
      assertThat(repaired[length - 1]).isLessThanOrEqualTo(UPPER);
      assertThat(distance(values, repaired))
          .as(Arrays.toString(values))
          .isLessThanOrEqualTo(leastDistance(values, new int[length], 0) + 1e-9);
    }
  }

  @Test
  void nearest_ofAMonotoneVector_isUnchanged() {
    SplittableRandom random = new SplittableRandom(6);
    for (int n = 0; n < 10_000; n++) {
      int[] values = Fixtures.random(Fixtures.SPACE, 2 + n % 50, random).hundredths();
      assertThat(
              MonotoneRepair.nearest(Arrays.stream(values).asDoubleStream().toArray(), 100, 1000))
          .isEqualTo(values);
    }
  }

  /** Tries every monotone vector of the grid. */
  private static double leastDistance(double[] values, int[] chosen, int next) {
    if (next == chosen.length) {
      return distance(values, chosen);
    }
    double least = Double.POSITIVE_INFINITY;
    for (int value = next == 0 ? LOWER : chosen[next - 1]; value <= UPPER; value++) {
      chosen[next] = value;
      least = Math.min(least, leastDistance(values, chosen, next + 1));
    }
    return least;
  }

  private static double distance(double[] values, int[] chosen) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += (values[i] - chosen[i]) * (values[i] - chosen[i]);
    }
    return sum;
  }
}
