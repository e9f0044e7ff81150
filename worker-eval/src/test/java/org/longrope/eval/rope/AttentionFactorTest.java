package org.longrope.eval.rope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;

class AttentionFactorTest {
  private static final RopeGeometry ROPE = new RopeGeometry(8, 10000, 4096);

  /** ln 8 / ln 4096 = 3/12 and ln 64 / ln 4096 = 6/12. */
  @ParameterizedTest
  @CsvSource({
    "none, 32768, 1",
    "su, 32768, 1.118033988749895",
    "su, 262144, 1.224744871391589",
    "su, 4096, 1",
    "su, 100, 1",
    "yarn, 32768, 1.2079441541679836",
    "yarn, 4096, 1",
    "yarn, 100, 1",
    "SU, 32768, 1.118033988749895",
    "0.8, 32768, 0.8",
    "1.13, 100, 1.13"
  })
  void value_ofEachChoice_isTheHandWrittenOne(String text, int targetLength, double expected) {
    AttentionFactor factor = AttentionFactor.parse(text);
    assertThat(factor.value(ROPE, targetLength)).isCloseTo(expected, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "su", "yarn", "1.13"})
  void toString_parsedAgain_isTheSame(String text) {
    AttentionFactor factor = AttentionFactor.parse(text);
    assertThat(factor).hasToString(text);
    assertThat(AttentionFactor.parse(factor.toString()))
        .isEqualTo(factor)
        .hasSameHashCodeAs(factor);
  }

  @ParameterizedTest
  @CsvSource({"1, 1.0", "1.0, none", "1.5, 1.50", "1.13, 113e-2", "SU, su"})
  void equals_sameFactorSpelledDifferently_isEqual(String one, String other) {
    AttentionFactor factor = AttentionFactor.parse(one);
    assertThat(AttentionFactor.parse(other)).isEqualTo(factor).hasSameHashCodeAs(factor);
  }

  @ParameterizedTest
  @CsvSource({"none, su", "su, yarn", "1.1, 1.2"})
  void equals_differentFactors_isNotEqual(String one, String other) {
    assertThat(AttentionFactor.parse(one)).isNotEqualTo(AttentionFactor.parse(other));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ntk", "0", "-1.1", "NaN", "Infinity", "1,5"})
  void parse_somethingElse_isRejected(String text) {
    assertThatThrownBy(() -> AttentionFactor.parse(text))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "Unknown attention factor '%s': expected none, su, yarn or a positive number.", text);
  }
}
