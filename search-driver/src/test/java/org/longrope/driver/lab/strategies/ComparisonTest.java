package org.longrope.driver.lab.strategies;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.longrope.driver.lab.strategies.Comparison.Row;

/** Statistics of made-up searches. */
class ComparisonTest {
  private static RunResult trial(
      String strategy, int seed, long tokens, @Nullable Double... heldOut) {
    List<RunResult.Point> points = new ArrayList<>();
    for (int i = 0; i < heldOut.length; i++) {
      points.add(new RunResult.Point(100L * (i + 1), 9.0 - i, heldOut[i]));
    }
    return new RunResult("p", strategy, seed, tokens, points);
  }

  private static Row row(List<RunResult> trials, String strategy) {
    return Comparison.of(trials, List.of(strategy), "paper").rows().get(0);
  }

  @Test
  void row_tokensRatio_isUntilTheEndOfTheReferenceIsReached() {
    List<RunResult> trials =
        List.of(
            trial("paper", 1, 1000, 7.0, 6.0),
            trial("paper", 2, 2000, 7.0, 5.0),
            trial("paper", 3, 1000, 7.0, 4.0),
            trial("fast", 1, 500, 6.5, 6.0, 6.2),
            trial("fast", 2, 500, 4.9, 5.5),
            trial("fast", 3, 500, 6.0, 4.5, null, 4.1));

    Row fast = row(trials, "fast");

    // 200 of 1000, 100 of 2000 although it ends above, never.
    assertThat(fast.tokensRatio())
        .isEqualTo(new MedianInterval(0.2, 0.05, Double.POSITIVE_INFINITY, 0.75));
    assertThat(fast.finalPerplexity()).isEqualTo(new MedianInterval(5.5, 4.1, 6.2, 0.75));
    assertThat(fast.referencePerplexity()).isEqualTo(5.0);
    assertThat(fast.seeds()).isEqualTo(3);
    assertThat(fast.below()).as("strictly below").isZero();
    assertThat(row(trials, "paper").tokensRatio().median()).isEqualTo(0.2);
  }

  @Test
  void row_ties_areNotCountedAsBelow() {
    List<RunResult> trials =
        List.of(
            trial("paper", 1, 1000, 6.0),
            trial("paper", 2, 1000, 6.0),
            trial("fast", 1, 500, 5.9),
            trial("fast", 2, 500, 6.0));
    assertThat(row(trials, "fast").below()).isEqualTo(1);
    assertThat(row(trials, "fast").references()).isEqualTo(2);
  }

  @Test
  void row_seedWithoutReference_isComparedWithTheLowestEnd() {
    List<RunResult> trials =
        List.of(
            trial("paper", 2, 1000, 6.0),
            trial("paper", 3, 2000, 5.0),
            trial("fast", 1, 500, 5.5, 4.9),
            trial("fast", 2, 500, 5.9, 5.8),
            trial("fast", 4, 500, 5.0, 5.5));
    Row fast = row(trials, "fast");
    assertThat(fast.seeds()).isEqualTo(3);
    assertThat(fast.references()).isEqualTo(2);
    // 200 of 2000, 100 of 1000 of its own seed, 100 of 2000.
    assertThat(fast.tokensRatio()).isEqualTo(new MedianInterval(0.1, 0.05, 0.1, 0.75));
    assertThat(fast.referencePerplexity()).isEqualTo(5.0);
    assertThat(fast.below()).isEqualTo(2);
  }

  @Test
  void json_infiniteRatioOrNoReference_isNull() {
    Comparison comparison =
        Comparison.of(
            List.of(
                trial("paper", 1, 1000, 6.0),
                trial("slow", 1, 1000, 6.5),
                new RunResult("q", "slow", 1, 10, List.of(new RunResult.Point(10, 3, 4.0)))),
            List.of("slow"),
            "paper");

    assertThat(comparison.toJson())
        .extracting(JsonNode::toString)
        .containsExactly(
            "{\"problem\":\"p\",\"strategy\":\"slow\",\"seeds\":1,\"tokens_ratio_to_reference\":null,"
                + "\"interval\":[null,null],\"final_perplexity\":6.5,\"reference_perplexity\":6.0}",
            "{\"problem\":\"q\",\"strategy\":\"slow\",\"seeds\":1,\"tokens_ratio_to_reference\":null,"
                + "\"interval\":null,\"final_perplexity\":4.0,\"reference_perplexity\":null}");
  }

  @Test
  void result_withoutMeasuredEnd_isRefused() {
    assertThatThrownBy(() -> trial("paper", 1, 100, 6.0, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no end is measured");
  }
}
