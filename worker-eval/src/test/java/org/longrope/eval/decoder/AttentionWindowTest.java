package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.family.DecoderSpec;

class AttentionWindowTest {
  @TempDir Path directory;

  @Test
  void windows_ofEachChoice_areForEveryLayer() {
    DecoderSpec mistral = Architecture.MISTRAL.open(directory, 1).config();
    assertThat(AttentionWindow.parse("config").windows(mistral)).containsExactly(8, 8);
    assertThat(AttentionWindow.parse("none").windows(mistral)).containsExactly(0, 0);
    assertThat(AttentionWindow.parse("4096").windows(mistral)).containsExactly(4096, 4096);
  }

  @ParameterizedTest
  @ValueSource(strings = {"config", "none", "4096"})
  void equals_parsedTwice_isEqualAndSpelledAsGiven(String text) {
    AttentionWindow window = AttentionWindow.parse(text);
    assertThat(AttentionWindow.parse(text)).isEqualTo(window).hasSameHashCodeAs(window);
    assertThat(window).hasToString(text);
  }

  @Test
  void warning_ofAWindowShorterThanTheText_isOneSentence() {
    DecoderSpec mistral = Architecture.MISTRAL.open(directory, 1).config();
    assertThat(AttentionWindow.CONFIG.warning(mistral, 9))
        .contains(
            "The attention window of 2 of 2 layers is 8 tokens, shorter than the 9 that are read:"
                + " no token attends further back; use --attention-window none to attend to all.");
    assertThat(AttentionWindow.CONFIG.warning(mistral, 8)).isEmpty();
    assertThat(AttentionWindow.NONE.warning(mistral, 9)).isEmpty();
    assertThat(AttentionWindow.parse("8").warning(mistral, 9)).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"none, 4096", "config, none", "4096, 4097"})
  void equals_differentWindows_isNotEqual(String one, String other) {
    assertThat(AttentionWindow.parse(one)).isNotEqualTo(AttentionWindow.parse(other));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "", "all", "1.5", "3000000000"})
  void parse_somethingElse_isRejected(String text) {
    assertThatThrownBy(() -> AttentionWindow.parse(text))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "Unknown attention window '%s': expected config, none or a number of tokens above 0.",
            text);
  }
}
