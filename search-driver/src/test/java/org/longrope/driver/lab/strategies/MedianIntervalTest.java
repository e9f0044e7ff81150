package org.longrope.driver.lab.strategies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MedianIntervalTest {
  /** Compares with tables of the sign test's intervals. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 0",
    "2, 1, 2, 0.5",
    "3, 1, 3, 0.75",
    "5, 1, 5, 0.9375",
    "7, 1, 7, 0.984375",
    "8, 2, 7, 0.9296875",
    "10, 2, 9, 0.978515625",
    "20, 6, 15, 0.958610535"
  })
  void of_manyValues_takesTheNarrowestIntervalThatCoversEnough(
      int values, double low, double high, double coverage) {
    MedianInterval interval =
        MedianInterval.of(IntStream.rangeClosed(1, values).mapToDouble(v -> v).toArray());

    assertThat(interval.low()).isEqualTo(low);
    assertThat(interval.high()).isEqualTo(high);
    assertThat(interval.coverage()).isEqualTo(coverage, within(1e-9));
    assertThat(interval.median()).isEqualTo((1 + values) / 2.0);
  }

  @Test
  void of_infiniteValues_areTheGreatest() {
    double never = Double.POSITIVE_INFINITY;
    assertThat(MedianInterval.of(never, 0.5, never, 0.25, 0.75))
        .isEqualTo(new MedianInterval(0.75, 0.25, never, 0.9375));
    assertThat(MedianInterval.of(never, 1).median()).isInfinite();
    assertThat(MedianInterval.of(never, never).median()).isInfinite();
  }

  @Test
  void of_skewedSamples_coversTheMedianAsOftenAsStated() {
    Random random = new Random(11);
    int covered = 0;
    int trials = 4000;
    double coverage = 0;
    for (int t = 0; t < trials; t++) {
      MedianInterval interval =
          MedianInterval.of(
              IntStream.range(0, 9).mapToDouble(i -> -Math.log(random.nextDouble())).toArray());
      coverage = interval.coverage();
      covered += interval.low() <= Math.log(2) && Math.log(2) <= interval.high() ? 1 : 0;
    }
    assertThat(coverage).isBetween(0.9, 1.0);
    assertThat((double) covered / trials).isEqualTo(coverage, within(0.02));
  }

  @Test
  void of_nothing_isRefused() {
    assertThatThrownBy(() -> MedianInterval.of()).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MedianInterval.of(1, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
