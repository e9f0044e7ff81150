package org.longrope.eval.rope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RescaleFactorsTest {
  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void of_notAPositiveNumber_isRejectedWithItsPlace(double bad) {
    assertThatThrownBy(() -> RescaleFactors.of(1, bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot rescale by factor 1: %s is not a positive number", bad);
    assertThatThrownBy(() -> RescaleFactors.of(List.of(1.0, bad)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void of_arrayChangedLater_keepsItsFactors() {
    double[] lambda = {1, 2};
    RescaleFactors factors = RescaleFactors.of(lambda);
    lambda[0] = 9;
    factors.toArray()[1] = 9;
    assertThat(factors.toList()).containsExactly(1.0, 2.0);
  }

  @Test
  void equals_sameFactors_isTrue() {
    assertThat(RescaleFactors.of(2, 2, 2))
        .isEqualTo(RescaleFactors.uniform(3, 2))
        .hasSameHashCodeAs(RescaleFactors.of(List.of(2.0, 2.0, 2.0)))
        .isNotEqualTo(RescaleFactors.of(2, 2));
  }

  @Test
  void isMonotone_fallingFactor_isFalse() {
    assertThat(RescaleFactors.of(1, 1, 1.01).isMonotone()).isTrue();
    assertThat(RescaleFactors.of(1, 1.01, 1).isMonotone()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
  void rescaling_badAttentionFactor_isRejected(double bad) {
    assertThatThrownBy(() -> new Rescaling(RescaleFactors.of(1), 0, bad))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot scale attention by %s: expected a positive number", bad);
  }

  @Test
  void rescaling_negativeStartTokens_areRejected() {
    assertThatThrownBy(() -> new Rescaling(RescaleFactors.of(1), -1, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot keep -1 start tokens: expected 0 or more");
  }

  @Test
  void geometry_absurdRotation_isRejected() {
    for (int dimension : new int[] {0, -2, 7}) {
      assertThatThrownBy(() -> new RopeGeometry(dimension, 10000, 1))
          .hasMessageContaining("Cannot rotate " + dimension + " dimensions");
    }
    for (double base : new double[] {1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new RopeGeometry(8, base, 1))
          .hasMessageContaining("Cannot rotate with base " + base);
    }
    assertThatThrownBy(() -> new RopeGeometry(8, 10000, 0))
        .hasMessageContaining("Cannot rescale from a window of 0 tokens");
  }
}
