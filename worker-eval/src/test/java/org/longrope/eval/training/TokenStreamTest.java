package org.longrope.eval.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.longrope.eval.BadInputException;

class TokenStreamTest {
  @Test
  void of_documentsWithAndWithoutBos_hasOneBeforeEach() {
    List<int[]> documents = List.of(new int[] {9, 1, 2}, new int[] {3, 4}, new int[] {});
    assertThat(TokenStream.of(documents, OptionalInt.of(9)).size()).isEqualTo(7);
    assertThat(TokenStream.of(documents, OptionalInt.empty()).size()).isEqualTo(5);
  }

  @Test
  void sequence_anyPlace_isConsecutiveTokensAfterBos() {
    int[] document = java.util.stream.IntStream.range(0, 30).toArray();
    TokenStream stream = TokenStream.of(List.of(document), OptionalInt.of(99));
    Set<Long> seconds = new HashSet<>();
    for (int step = 1; step <= 200; step++) {
      for (int row = 0; row < 4; row++) {
        long[] sequence = stream.sequence(5, 7, step, row);
        assertThat(sequence).hasSize(6).isEqualTo(stream.sequence(5, 7, step, row));
        assertThat(sequence[0]).isEqualTo(99);
        for (int t = 2; t < 6; t++) {
          assertThat(sequence[t]).isEqualTo(sequence[t - 1] + 1);
        }
        seconds.add(sequence[1]);
      }
    }
    // 31 tokens with BOS, cut into 6: 26 positions, each of which must occur.
    assertThat(seconds).hasSize(26);
  }

  @Test
  void sequence_streamTooShort_isRejected() {
    TokenStream stream = TokenStream.of(List.of(new int[] {1, 2, 3, 4}), OptionalInt.empty());
    assertThat(stream.sequence(3, 1, 1, 0)).containsExactly(1, 2, 3, 4);
    assertThatThrownBy(() -> stream.sequence(4, 1, 1, 0))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "Training data has 4 tokens: expected more than the sequence length 4; prepare more"
                + " documents or lower --length.");
  }
}
