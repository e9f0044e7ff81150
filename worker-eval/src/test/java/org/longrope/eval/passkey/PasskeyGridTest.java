package org.longrope.eval.passkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PasskeyGridTest {
  @Test
  void questions_ofAGrid_areAllLengthsDepthsAndTrials() {
    List<PasskeyTrial> questions = new PasskeyGrid(List.of(512, 4096), 5, 3, 42).questions();
    assertThat(questions).hasSize(30);
    assertThat(questions.stream().map(PasskeyTrial::length).distinct()).containsExactly(512, 4096);
    for (int i = 0; i < 30; i++) {
      assertThat(questions.get(i).depth()).isEqualTo(0.25 * (i / 3 % 5));
      assertThat(questions.get(i).key()).isBetween(10_000, 99_999);
    }
    assertThat(questions.stream().map(PasskeyTrial::seed).distinct()).hasSize(30);
  }

  @Test
  void questions_ofTheSameSeed_areTheSameAndOfAnotherNot() {
    PasskeyGrid grid = new PasskeyGrid(List.of(512, 4096), 3, 4, 42);
    assertThat(new PasskeyGrid(List.of(512, 4096), 3, 4, 42).questions())
        .isEqualTo(grid.questions());
    assertThat(new PasskeyGrid(List.of(4096), 3, 4, 42).questions())
        .isEqualTo(grid.questions().subList(12, 24));
    assertThat(new PasskeyGrid(List.of(512, 4096), 3, 4, 43).questions())
        .doesNotContainAnyElementsOf(grid.questions());
  }

  @Test
  void keys_ofManyTrials_coverAllFirstDigitsEvenly() {
    List<PasskeyTrial> questions = new PasskeyGrid(List.of(512), 1, 9000, 7).questions();
    long[] counts = new long[10];
    questions.forEach(trial -> counts[trial.key() / 10_000]++);
    assertThat(counts[0]).isZero();
    // 1,000 expected of each; 5 deviations.
    IntStream.rangeClosed(1, 9).forEach(d -> assertThat(counts[d]).isBetween(850L, 1150L));
    assertThat(questions.get(0).depth()).isEqualTo(0.5);
  }

  @Test
  void trial_invalidDepthOrKey_isRejected() {
    assertThatThrownBy(() -> new PasskeyTrial(512, 1.1, 12_345, 0)).hasMessageContaining("1.1");
    assertThatThrownBy(() -> new PasskeyTrial(512, Double.NaN, 12_345, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new PasskeyTrial(512, 0, 9_999, 0)).hasMessageContaining("9999");
    assertThatThrownBy(() -> new PasskeyGrid(List.of(512), 0, 1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
