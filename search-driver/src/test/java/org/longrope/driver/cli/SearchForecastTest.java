package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.longrope.eval.decoder.EvaluationCost;

class SearchForecastTest {
  private static final long GIB = 1L << 30;

  /** 4 GiB of weights, 3 GiB a pass. */
  private static final EvaluationCost COST =
      new EvaluationCost(131_072, 1e15, 4 * GIB, GIB, GIB, 2 * GIB, GIB);

  @Test
  void warning_whatFits_isNone() {
    assertThat(SearchForecast.warning(COST, 4, 16 * GIB)).isEmpty();
  }

  @Test
  void warning_tooManyAtOnce_saysHowManyFit() {
    assertThat(SearchForecast.warning(COST, 5, 16 * GIB))
        .hasValue(
            "5 evaluations at once need 19.0 GiB and this machine has 16.0 GiB: use --master"
                + " local[4].");
  }
}
