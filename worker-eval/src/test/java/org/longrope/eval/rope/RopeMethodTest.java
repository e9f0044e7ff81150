package org.longrope.eval.rope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;

class RopeMethodTest {
  private static final RopeGeometry SMALL = new RopeGeometry(8, 10000, 4096);
  private static final RopeGeometry LLAMA2 = new RopeGeometry(128, 10000, 4096);
  private static final RopeGeometry STORIES = new RopeGeometry(48, 10000, 256);

  @Test
  void factors_ofEachMethod_areTheHandWrittenOnes() {
    int target = 8 * 4096;
    assertThat(RopeMethod.NONE.factors(SMALL, target, 1).toArray()).containsExactly(1, 1, 1, 1);
    assertThat(RopeMethod.PI.factors(SMALL, target, 1).toArray()).containsExactly(8, 8, 8, 8);
    assertThat(RopeMethod.NTK.factors(SMALL, target, 1).toArray())
        .containsExactly(new double[] {1, 2, 4, 8}, within(1e-12));
  }

  @Test
  void ntk_anyRotation_turnsLikeTheLargerBaseAndEndsWithTheRatio() {
    double s = 32;
    double[] lambda = RopeMethod.NTK.factors(LLAMA2, 32 * 4096, 1).toArray();
    double[] slowed = new RopeGeometry(128, 10000 * Math.pow(s, 128.0 / 126), 1).plainFrequencies();
    double[] inverse = LLAMA2.plainFrequencies();
    for (int i = 0; i < lambda.length; i++) {
      assertThat(inverse[i] / lambda[i]).isCloseTo(slowed[i], within(1e-12 * slowed[i]));
    }
    assertThat(lambda[63]).isCloseTo(s, within(1e-12));
  }

  @Test
  void ntk_storiesToFourWindows_isTheReferenceVector() {
    double[] lambda = RopeMethod.NTK.factors(STORIES, 1024, 1).toArray();
    assertThat(lambda).hasSize(24);
    assertThat(lambda[1]).isCloseTo(1.062127176862691, within(1e-12));
    assertThat(lambda[2]).isCloseTo(1.1281141398303098, within(1e-12));
    assertThat(lambda[23]).isCloseTo(4, within(1e-12));
  }

  @Test
  void ntk_singlePair_isNeverInterpolated() {
    assertThat(RopeMethod.NTK.factors(new RopeGeometry(2, 10000, 4), 64, 64).toArray())
        .containsExactly(1);
  }

  @Test
  void dynamicNtk_readLength_decidesInsteadOfTheTarget() {
    for (int current : new int[] {4096, 6000, 40000}) {
      assertThat(RopeMethod.DYNAMIC_NTK.factors(LLAMA2, 131072, current))
          .isEqualTo(RopeMethod.NTK.factors(LLAMA2, current, 1));
    }
    assertThat(RopeMethod.DYNAMIC_NTK.factors(LLAMA2, 131072, 100))
        .isEqualTo(RopeMethod.NONE.factors(LLAMA2, 131072, 100));
  }

  /** Compares with values by hand. */
  @Test
  void yarn_llama2_keepsFastPairsAndInterpolatesSlowOnes() {
    double s = 32;
    double[] lambda = RopeMethod.YARN.factors(LLAMA2, 32 * 4096, 1).toArray();
    double[] inverse = LLAMA2.plainFrequencies();
    assertThat(4096 * inverse[20] / (2 * Math.PI)).isGreaterThan(32);
    assertThat(4096 * inverse[21] / (2 * Math.PI)).isLessThan(32);
    assertThat(4096 * inverse[45] / (2 * Math.PI)).isGreaterThan(1);
    assertThat(4096 * inverse[46] / (2 * Math.PI)).isLessThan(1);
    for (int i = 0; i < 64; i++) {
      double kept = i <= 20 ? 1 : i >= 46 ? 0 : (46 - i) / 26.0;
      double mixed = kept * inverse[i] + (1 - kept) * inverse[i] / s;
      assertThat(inverse[i] / lambda[i]).as("pair %d", i).isCloseTo(mixed, within(1e-12 * mixed));
    }
    assertThat(lambda[33]).isCloseTo(64.0 / 33, within(1e-12));
  }

  @Test
  void yarn_windowTooShortForThirtyTwoTurns_rampsFromTheFirstPair() {
    // 48 · ln(256 / 2π) / (2 · ln 10000) = 9.66; for 32 turns it is 0.63.
    double[] lambda = RopeMethod.YARN.factors(STORIES, 2048, 1).toArray();
    for (int i = 0; i < 24; i++) {
      double ramp = Math.min(i / 10.0, 1);
      assertThat(1 / lambda[i]).isCloseTo(ramp / 8 + 1 - ramp, within(1e-12));
    }
  }

  @ParameterizedTest
  @EnumSource
  void factors_targetWithinTheWindow_areOne(RopeMethod method) {
    assertThat(method.factors(LLAMA2, 1000, 1000))
        .isEqualTo(RescaleFactors.uniform(LLAMA2.pairs(), 1));
  }

  @ParameterizedTest
  @EnumSource
  void factors_anyRatio_areMonotoneBetweenOneAndTheRatio(RopeMethod method) {
    for (int s : new int[] {2, 8, 64, 512}) {
      RescaleFactors factors = method.factors(LLAMA2, 4096 * s, 4096 * s);
      assertThat(factors.isMonotone()).isTrue();
      assertThat(factors.get(0)).isBetween(1.0, (double) s);
      assertThat(factors.get(63)).isBetween(1.0, s * (1 + 1e-12));
    }
  }

  @ParameterizedTest
  @CsvSource({"none,NONE", "pi,PI", "ntk,NTK", "dynamic-ntk,DYNAMIC_NTK", "yarn,YARN"})
  void parse_nameOfTheCommandLine_isTheMethod(String text, RopeMethod method) {
    assertThat(RopeMethod.parse(text)).isEqualTo(method);
    assertThat(method).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "longrope", "PI", "dynamic_ntk"})
  void parse_somethingElse_isRejectedWithTheNames(String text) {
    assertThatThrownBy(() -> RopeMethod.parse(text))
        .isInstanceOf(BadInputException.class)
        .hasMessage("Unknown method '%s': expected one of none, pi, ntk, dynamic-ntk, yarn.", text);
  }

  @ParameterizedTest
  @EnumSource
  void attentionFactor_onlyYarn_bringsItsOwn(RopeMethod method) {
    assertThat(method.attentionFactor())
        .isEqualTo(method == RopeMethod.YARN ? AttentionFactor.YARN : AttentionFactor.NONE);
  }
}
