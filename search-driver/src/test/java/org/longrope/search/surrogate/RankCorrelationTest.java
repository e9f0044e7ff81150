package org.longrope.search.surrogate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RankCorrelationTest {
  @Test
  void anyAscendingFunction_hasCorrelationOne() {
    double[] a = {3, -1, 0.5, 7};
    assertThat(RankCorrelation.of(a, new double[] {27, -1, 0.125, 343})).isEqualTo(1);
    assertThat(RankCorrelation.of(a, new double[] {-3, 1, -0.5, -7})).isEqualTo(-1);
  }

  /** By hand: ranks 0, 1.5, 1.5, 3 against 0, 2, 1, 3 give 4.5 / √(4.5 · 5). */
  @Test
  void equalValues_shareTheirMeanRank() {
    assertThat(RankCorrelation.of(new double[] {1, 2, 2, 3}, new double[] {1, 3, 2, 4}))
        .isCloseTo(4.5 / Math.sqrt(4.5 * 5), within(1e-12));
  }

  @Test
  void constant_hasCorrelationZero() {
    assertThat(RankCorrelation.of(new double[] {1, 1, 1}, new double[] {1, 2, 3})).isZero();
  }

  /** Assumption of the test of a surrogate: mean 0 and variance 1/(n − 1). */
  @Test
  void independentValues_haveTheAssumedVariance() {
    Random random = new Random(5);
    int trials = 20_000;
    int n = 16;
    double sum = 0;
    double squares = 0;
    for (int trial = 0; trial < trials; trial++) {
      double rho = RankCorrelation.of(random.doubles(n).toArray(), random.doubles(n).toArray());
      sum += rho / trials;
      squares += rho * rho / trials;
    }
    assertThat(sum).isCloseTo(0, within(0.01));
    assertThat(squares).isCloseTo(1.0 / (n - 1), within(0.003));
  }
}
