package org.longrope.eval.choices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.BytePairTraining;
import org.longrope.eval.tokenizer.DocumentTokenizer;

class PromptEncoderTest {
  @TempDir Path directory;

  /** Returns a tokenizer of bytes, with " yes" and "ab" as tokens of their own. */
  private DocumentTokenizer tokenizer() throws IOException {
    BytePairTraining training = new BytePairTraining();
    training.add("ab yes ab yes ab yes");
    Files.writeString(directory.resolve("tokenizer.json"), training.tokenizerJson(264));
    Files.writeString(directory.resolve("tokenizer_config.json"), "{\"bos_token\": \"<s>\"}");
    return DocumentTokenizer.open(directory);
  }

  private static int[] join(int[] first, int[] second) {
    int[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }

  @Test
  void encode_ordinaryChoices_splitsTheWholeAtTheContext() throws IOException {
    try (DocumentTokenizer tokenizer = tokenizer()) {
      Choices choices =
          new PromptEncoder(tokenizer, OptionalInt.empty())
              .encode("q", "Is it?\nA:", List.of(" yes", " no"));
      assertThat(choices.id()).isEqualTo("q");
      assertThat(choices.contextTokens()).isEqualTo(tokenizer.encode("Is it?\nA:"));
      assertThat(choices.continuations()[0]).isEqualTo(tokenizer.encode(" yes"));
      assertThat(choices.continuations()[1]).isEqualTo(tokenizer.encode(" no"));
    }
  }

  @Test
  void encode_contextWithSpacesAtItsEnd_movesThemToTheChoices() throws IOException {
    try (DocumentTokenizer tokenizer = tokenizer()) {
      Choices choices =
          new PromptEncoder(tokenizer, OptionalInt.empty())
              .encode("q", "Is it?\u00a0 ", List.of("yes", " no"));
      assertThat(choices.contextTokens()).isEqualTo(tokenizer.encode("Is it?"));
      assertThat(join(choices.contextTokens(), choices.continuations()[0]))
          .isEqualTo(tokenizer.encode("Is it?\u00a0 yes"));
      assertThat(join(choices.contextTokens(), choices.continuations()[1]))
          .isEqualTo(tokenizer.encode("Is it?\u00a0  no"));
    }
  }

  /**
   * Counts as many tokens as the context has alone as the context's, even where the whole text is
   * split otherwise.
   */
  @Test
  void encode_choiceThatMergesIntoTheContext_losesAsManyTokensAsTheContextHas() throws IOException {
    try (DocumentTokenizer tokenizer = tokenizer()) {
      Choices choices =
          new PromptEncoder(tokenizer, OptionalInt.empty())
              .encode("q", "xa", List.of("bcd", " no"));
      assertThat(tokenizer.encode("xabcd")).hasSize(4);
      assertThat(choices.contextTokens()).isEqualTo(tokenizer.encode("xa")).hasSize(2);
      assertThat(choices.continuations()[0]).isEqualTo(tokenizer.encode("cd"));
    }
  }

  @Test
  void encode_withBos_beginsWithItOnce() throws IOException {
    try (DocumentTokenizer tokenizer = tokenizer()) {
      int bos = tokenizer.bosTokenId().orElseThrow();
      Choices choices =
          new PromptEncoder(tokenizer, tokenizer.bosTokenId())
              .encode("q", "A:", List.of(" x", " y"));
      assertThat(choices.contextTokens()).isEqualTo(join(new int[] {bos}, tokenizer.encode("A:")));
      assertThat(choices.continuations()[0]).isEqualTo(tokenizer.encode(" x"));
    }
  }

  @Test
  void encode_nothingToRead_isRejectedByName() throws IOException {
    try (DocumentTokenizer tokenizer = tokenizer()) {
      PromptEncoder encoder = new PromptEncoder(tokenizer, tokenizer.bosTokenId());
      assertThatThrownBy(() -> encoder.encode("q3", " \n", List.of(" x", " y")))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("Question q3 is empty");
      assertThatThrownBy(() -> encoder.encode("q4", "A:", List.of(" x", "")))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("Choice 2 of question q4");
    }
  }

  /** Compares with values of Python 3. */
  @Test
  void pythonText_anyText_equalsPython() {
    assertThat(PythonText.strip("\u00a0\u0085\u2028 a b\u001c\u3000\n")).isEqualTo("a b");
    assertThat(PythonText.strip("\u200b")).isEqualTo("\u200b");
    assertThat(PythonText.strip(" \t")).isEmpty();
    assertThat(PythonText.capitalize("the Man's TV")).isEqualTo("The man's tv");
    assertThat(PythonText.capitalize("élan")).isEqualTo("Élan");
    assertThat(PythonText.capitalize("")).isEmpty();
    assertThat(PythonText.length("a\u0301😀")).isEqualTo(3);
  }
}
