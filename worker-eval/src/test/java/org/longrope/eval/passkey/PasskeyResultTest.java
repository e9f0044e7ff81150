package org.longrope.eval.passkey;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasskeyResultTest {
  private static boolean retrieved(@Nullable String answer) {
    return new PasskeyResult(new PasskeyTrial(512, 0.5, 17_865, 1), answer, 3, 6).retrieved();
  }

  @ParameterizedTest
  @ValueSource(strings = {"17865", " 17865.", "\n 17865. Remember it", "17865\u0000"})
  void retrieved_answerThatBeginsWithTheKey_isTrue(String answer) {
    assertThat(retrieved(answer)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "1786", "1 7865", "the 17865", "27865", "71865", "17 865"})
  void retrieved_anythingElse_isFalse(String answer) {
    assertThat(retrieved(answer)).isFalse();
  }

  @Test
  void retrieved_nothingGenerated_isFalse() {
    assertThat(retrieved(null)).isFalse();
  }
}
