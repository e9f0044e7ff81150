package org.longrope.search.cmaes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class CovarianceAdaptationTest {
  private static double[][] diagonal(double... variances) {
    double[][] matrix = new double[variances.length][variances.length];
    for (int i = 0; i < variances.length; i++) {
      matrix[i][i] = variances[i];
    }
    return matrix;
  }

  private static double[] normal(int n, Random random) {
    return random.doubles(n).map(u -> random.nextGaussian()).toArray();
  }

  private static void evolve(
      CovarianceAdaptation search,
      int n,
      int population,
      int generations,
      ToDoubleFunction<double[]> value) {
    Random random = new Random(7);
    for (int generation = 0; generation < generations; generation++) {
      List<double[]> draws = new ArrayList<>();
      for (int i = 0; i < population; i++) {
        draws.add(normal(n, random));
      }
      draws.sort(Comparator.comparingDouble(draw -> value.applyAsDouble(search.point(draw))));
      search.learn(draws);
    }
  }

  /** An ellipsoid a thousand times longer than wide, turned by 45 degrees in each pair. */
  private static double turnedEllipsoid(double[] x) {
    double sum = 0;
    for (int i = 0; i + 1 < x.length; i += 2) {
      double along = x[i] + x[i + 1] - 2;
      double across = x[i] - x[i + 1];
      sum += along * along + 1e6 * across * across;
    }
    return sum;
  }

  @Test
  void normal_isTheInverseOfPoint_andFarPointsAreShortened() {
    CovarianceAdaptation search =
        new CovarianceAdaptation(new double[6], diagonal(1, 1, 1, 1, 1, 1), 12);
    evolve(search, 6, 12, 30, CovarianceAdaptationTest::turnedEllipsoid);
    double[] near = {0.5, -1, 0.25, 1, -0.75, 0.1};
    double[] far = Arrays.stream(near).map(value -> 100 * value).toArray();
    assertThat(search.normal(search.point(near))).containsExactly(near, within(1e-9));
    double[] shortened = search.normal(search.point(far));
    double scale = shortened[0] / near[0];
    for (int i = 0; i < near.length; i++) {
      assertThat(shortened[i]).isCloseTo(scale * near[i], within(1e-9));
    }
    double squares = Arrays.stream(shortened).map(value -> value * value).sum();
    assertThat(Math.sqrt(squares)).isCloseTo(Math.sqrt(6) + 12.0 / 8, within(1e-9));
    assertThat(search.normal(search.mean())).containsOnly(0.0);
  }

  @Test
  void mean_reachesTheFloorOfATurnedValley() {
    CovarianceAdaptation search =
        new CovarianceAdaptation(new double[6], diagonal(1, 1, 1, 1, 1, 1), 12);
    evolve(search, 6, 12, 400, CovarianceAdaptationTest::turnedEllipsoid);
    assertThat(turnedEllipsoid(search.mean())).isLessThan(1e-9);
    assertThat(search.mean()).satisfies(mean -> assertThat(mean[0]).isCloseTo(1, within(1e-4)));
  }

  /** Only ranks matter: any ascending function of the value gives an equal course. */
  @Test
  void course_dependsOnRanksAlone() {
    CovarianceAdaptation one = new CovarianceAdaptation(new double[4], diagonal(1, 1, 1, 1), 8);
    CovarianceAdaptation other = new CovarianceAdaptation(new double[4], diagonal(1, 1, 1, 1), 8);
    evolve(one, 4, 8, 30, CovarianceAdaptationTest::turnedEllipsoid);
    evolve(other, 4, 8, 30, x -> Math.cbrt(turnedEllipsoid(x)) - 5);
    assertThat(other.mean()).isEqualTo(one.mean());
  }

  /** With random ranks the step size has no reason to change: it may wander, not run away. */
  @Test
  void step_underRandomRanks_neitherExplodesNorVanishes() {
    double logarithm = 0;
    for (int seed = 0; seed < 20; seed++) {
      CovarianceAdaptation search =
          new CovarianceAdaptation(new double[8], diagonal(1, 1, 1, 1, 1, 1, 1, 1), 16);
      Random random = new Random(seed);
      for (int generation = 0; generation < 50; generation++) {
        List<double[]> draws = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          draws.add(normal(8, random));
        }
        search.learn(draws);
      }
      logarithm += Math.log(search.deviations()[0]) / 20;
    }
    assertThat(logarithm).isBetween(-1.0, 1.0);
  }

  @Test
  void points_haveTheGivenMeanAndCovariance() {
    double[][] covariance = {{4, 1.2}, {1.2, 1}};
    CovarianceAdaptation search = new CovarianceAdaptation(new double[] {3, -1}, covariance, 4);
    Random random = new Random(1);
    int n = 40_000;
    double[] sum = new double[2];
    double together = 0;
    for (int i = 0; i < n; i++) {
      double[] point = search.point(normal(2, random));
      sum[0] += point[0] / n;
      sum[1] += point[1] / n;
      together += (point[0] - 3) * (point[1] + 1) / n;
    }
    assertThat(sum[0]).isCloseTo(3, within(0.05));
    assertThat(sum[1]).isCloseTo(-1, within(0.03));
    assertThat(together).isCloseTo(1.2, within(0.06));
    assertThat(search.deviations()).containsExactly(2, 1);
  }

  @Test
  void covariance_notPositiveDefinite_isRejected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Cholesky.lower(new double[][] {{1, 2}, {2, 1}}))
        .withMessageContaining("pivot 1");
  }
}
