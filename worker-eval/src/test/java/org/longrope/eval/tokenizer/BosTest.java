package org.longrope.eval.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;

/** Tests of BOS against {@code AutoTokenizer.from_pretrained(directory)(text)}. */
class BosTest {
  private static final Map<String, ObjectNode> POST_PROCESSORS =
      Map.of(
          "bytelevel", ByteTokenizer.byteLevel(),
          "template", ByteTokenizer.template(1),
          "without", ByteTokenizer.template(0),
          "sequence", ByteTokenizer.sequence(ByteTokenizer.byteLevel(), ByteTokenizer.template(1)),
          "double", ByteTokenizer.template(2));

  @TempDir Path directory;

  private DocumentTokenizer open(String postProcessor, String config) throws IOException {
    ObjectNode tokenizer = ByteTokenizer.withBosToken();
    tokenizer.set("post_processor", POST_PROCESSORS.get(postProcessor));
    Files.writeString(directory.resolve("tokenizer.json"), tokenizer.toString());
    if (config != null) {
      Files.writeString(directory.resolve("tokenizer_config.json"), config);
    }
    return DocumentTokenizer.open(directory);
  }

  /**
   * Each row was measured with transformers 5.24.0 ("now") and 4.57.6 ("before") on the tokenizer
   * that the test writes: whether the ids of a text begin with BOS.
   */
  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        // post_processor, tokenizer_class, add_bos_token, now, before
        "none,      -,                       -,     false, false",
        "none,      PreTrainedTokenizerFast, -,     false, false",
        "none,      PreTrainedTokenizerFast, true,  false, false",
        "bytelevel, GPT2Tokenizer,           -,     false, false",
        "bytelevel, GPT2Tokenizer,           true,  false, false",
        "bytelevel, Qwen2Tokenizer,          -,     false, false",
        "sequence,  PreTrainedTokenizerFast, -,     true,  true",
        "template,  PreTrainedTokenizerFast, false, true,  true",
        "template,  GPT2Tokenizer,           -,     true,  true",
        "template,  LlamaTokenizer,          -,     true,  true",
        "template,  LlamaTokenizer,          true,  true,  true",
        "template,  LlamaTokenizerFast,      false, true,  false",
        "without,   LlamaTokenizer,          -,     false, true",
        "without,   LlamaTokenizer,          false, false, false",
        "bytelevel, LlamaTokenizerFast,      true,  false, true",
        "bytelevel, LlamaTokenizer,          -,     false, true",
        "none,      GemmaTokenizer,          -,     false, true",
        "template,  GemmaTokenizer,          true,  true,  true",
        "template,  CohereTokenizer,         false, true,  false",
        "template,  GPTNeoXTokenizer,        -,     false, false",
        "template,  GPTNeoXTokenizer,        true,  false, true",
        "none,      CodeLlamaTokenizer,      -,     true,  true",
        "none,      CodeLlamaTokenizer,      false, true,  false",
      })
  void bosTokenId_auto_isAsInTransformers(
      String postProcessor, String tokenizerClass, Boolean add, boolean now, boolean before)
      throws IOException {
    String config =
        "{\"bos_token\": \"<s>\""
            + (tokenizerClass == null ? "" : ", \"tokenizer_class\": \"" + tokenizerClass + "\"")
            + (add == null ? "" : ", \"add_bos_token\": " + add)
            + "}";
    try (DocumentTokenizer tokenizer = open(postProcessor, config)) {
      assertThat(tokenizer.bosTokenId())
          .isEqualTo(now ? OptionalInt.of(ByteTokenizer.BOS) : OptionalInt.empty());
      assertThat(tokenizer.isBosDisputed()).isEqualTo(now != before);
      assertThat(tokenizer.bosTokenId(BosChoice.YES)).hasValue(ByteTokenizer.BOS);
      assertThat(tokenizer.bosTokenId(BosChoice.NO)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"bos_token\": null}",
        "{\"bos_token\": \"\"}",
        "{}",
        "{\"bos_token\": \"<begin>\"}",
        "[]"
      })
  void bosTokenId_yesWithoutBosToken_isRejected(String config) throws IOException {
    try (DocumentTokenizer tokenizer = open("none", config)) {
      assertThat(tokenizer.bosTokenId()).isEmpty();
      assertThatThrownBy(() -> tokenizer.bosTokenId(BosChoice.YES))
          .isInstanceOf(BadInputException.class)
          .hasMessageContainingAll("--bos is yes", directory.toString(), "has no BOS");
    }
    try (DocumentTokenizer tokenizer = open("template", config)) {
      assertThat(tokenizer.bosTokenId(BosChoice.YES)).hasValue(ByteTokenizer.BOS);
    }
  }

  @Test
  void bosTokenId_yesWithATokenObject_isThatToken() throws IOException {
    try (DocumentTokenizer tokenizer =
        open("none", "{\"bos_token\": {\"content\": \"<s>\", \"lstrip\": false}}")) {
      assertThat(tokenizer.bosTokenId(BosChoice.YES)).hasValue(ByteTokenizer.BOS);
    }
  }

  @Test
  void bosTokenId_noConfig_isWhatTheTokenizerPuts() throws IOException {
    try (DocumentTokenizer tokenizer = open("template", null)) {
      assertThat(tokenizer.bosTokenId()).hasValue(ByteTokenizer.BOS);
      assertThat(tokenizer.isBosDisputed()).isFalse();
    }
  }

  @Test
  void bosTokenId_severalTokensBeforeAText_isRejectedUnlessChosen() throws IOException {
    try (DocumentTokenizer tokenizer = open("double", "{\"bos_token\": \"<s>\"}")) {
      assertThatThrownBy(tokenizer::bosTokenId)
          .isInstanceOf(BadInputException.class)
          .hasMessageContainingAll("puts 2 tokens before a text, [256, 256]", "--bos yes or no");
      assertThat(tokenizer.bosTokenId(BosChoice.YES)).hasValue(ByteTokenizer.BOS);
      assertThat(tokenizer.bosTokenId(BosChoice.NO)).isEmpty();
    }
  }

  /** Pins the rule of partitions that were written before there was a choice. */
  @Test
  void formerBosTokenId_namedToken_isThatUnlessAddBosTokenIsFalse() throws IOException {
    try (DocumentTokenizer tokenizer = open("none", "{\"bos_token\": \"<s>\"}")) {
      assertThat(tokenizer.formerBosTokenId()).hasValue(ByteTokenizer.BOS);
    }
    try (DocumentTokenizer tokenizer =
        open("none", "{\"bos_token\": \"<s>\", \"add_bos_token\": false}")) {
      assertThat(tokenizer.formerBosTokenId()).isEmpty();
    }
    try (DocumentTokenizer tokenizer = open("template", "{\"add_bos_token\": false}")) {
      assertThat(tokenizer.formerBosTokenId()).hasValue(ByteTokenizer.BOS);
    }
  }

  @Test
  void parse_anotherWord_isRejected() {
    assertThat(BosChoice.parse("auto")).isEqualTo(BosChoice.AUTO);
    assertThatThrownBy(() -> BosChoice.parse("true"))
        .isInstanceOf(BadInputException.class)
        .hasMessage("--bos is true: expected auto, yes or no.");
  }
}
