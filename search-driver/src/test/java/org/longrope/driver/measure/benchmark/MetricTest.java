package org.longrope.driver.measure.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class MetricTest {
  private static final Item ITEM = Item.of("0", "Q", List.of("abcd", "😀e", "f"), 1);

  @Test
  void acc_equalChoices_takesTheFirst() {
    assertThat(Metric.ACC.value(ITEM, new double[] {-3, -2, -4})).isEqualTo(1);
    assertThat(Metric.ACC.value(ITEM, new double[] {-3, -3, -4})).isZero();
    assertThat(Metric.ACC.chosen(ITEM, new double[] {-3, -3, -2})).isEqualTo(2);
  }

  /** A pair of surrogates is one character, and the space before a choice is none. */
  @Test
  void accNorm_dividesByCharacters() {
    assertThat(Metric.ACC_NORM.chosen(ITEM, new double[] {-4.1, -2, -1.1})).isEqualTo(1);
    assertThat(Metric.ACC_NORM.value(ITEM, new double[] {-4.1, -2, -1.1})).isEqualTo(1);
    assertThat(Metric.ACC_NORM.chosen(ITEM, new double[] {-3.9, -2, -1.1})).isZero();
    assertThat(Metric.ACC_NORM.chosen(ITEM, new double[] {-4.1, -2, -0.9})).isEqualTo(2);
  }

  @Test
  void mc2_anyChoices_equalsTheShareOfTrueOnes() {
    Item item = new Item("0", "Q", List.of("a", "b", "c"), List.of(true, true, false));
    double[] logLikelihoods = {Math.log(0.1), Math.log(0.2), Math.log(0.5)};
    assertThat(Metric.MC2.value(item, logLikelihoods)).isCloseTo(0.3 / 0.8, within(1e-12));
    double[] tiny = {Math.log(0.1) - 2000, Math.log(0.2) - 2000, Math.log(0.5) - 2000};
    assertThat(Metric.MC2.value(item, tiny)).isCloseTo(0.3 / 0.8, within(1e-9));
  }

  @Test
  void estimate_ofItems_hasTheSampleError() {
    Estimate estimate = Estimate.ofItems(List.of(1.0, 0.0, 1.0, 1.0));
    assertThat(estimate.value()).isEqualTo(0.75);
    // Sample variance 0.25, over 4 items.
    assertThat(estimate.standardError()).isCloseTo(0.25, within(1e-12));
    assertThat(estimate.items()).isEqualTo(4);
    assertThat(Estimate.ofItems(List.of(1.0)).standardError()).isNull();
  }

  @Test
  void estimate_ofSubjects_hasEqualWeights() {
    Estimate all =
        Estimate.ofSubjects(List.of(new Estimate(1, 0.3, 10), new Estimate(0.5, 0.4, 1000)));
    assertThat(all.value()).isEqualTo(0.75);
    assertThat(all.standardError()).isCloseTo(0.25, within(1e-12));
    assertThat(all.items()).isEqualTo(1010);
    assertThat(
            Estimate.ofSubjects(List.of(new Estimate(1, null, 1), new Estimate(0, 0.1, 9)))
                .standardError())
        .isNull();
  }
}
