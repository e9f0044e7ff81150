package org.longrope.eval.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.eval.BadInputException;

class DocumentTokenizerTest {
  @TempDir Path directory;

  private DocumentTokenizer open(ObjectNode tokenizer) throws IOException {
    Files.writeString(directory.resolve("tokenizer.json"), tokenizer.toString());
    return DocumentTokenizer.open(directory);
  }

  @Test
  void decode_tokensOfAText_isTheTextWithoutSpecialTokens() throws IOException {
    String text = " The pass key is 17865.\n λ";
    try (DocumentTokenizer tokenizer = open(ByteTokenizer.withTemplate())) {
      int[] ids = tokenizer.encode(text);
      int[] withBos = new int[ids.length + 1];
      withBos[0] = ByteTokenizer.BOS;
      System.arraycopy(ids, 0, withBos, 1, ids.length);
      assertThat(tokenizer.decode(withBos)).isEqualTo(text);
      assertThat(tokenizer.decode(new int[0])).isEmpty();
    }
  }

  @Test
  void encode_longText_isTheWholeTextWithoutSpecialTokens() throws IOException {
    String text = "Ein Kapitel — ∑ λ_i, 日本 😀\r\n\t\u0000 ".repeat(20_000);
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (DocumentTokenizer tokenizer = open(ByteTokenizer.withTemplate())) {
      int[] ids = tokenizer.encode(text);
      assertThat(ids).hasSameSizeAs(bytes);
      for (int i = 0; i < ids.length; i++) {
        if (ids[i] != (bytes[i] & 0xff)) {
          assertThat(ids[i]).as("token %d", i).isEqualTo(bytes[i] & 0xff);
        }
      }
      assertThat(tokenizer.encode("")).isEmpty();
    }
  }

  @Test
  void encode_truncationAndPaddingInTheFile_areIgnored() throws IOException {
    ObjectNode json = ByteTokenizer.withTemplate();
    json.putObject("truncation")
        .put("direction", "Right")
        .put("max_length", 8)
        .put("strategy", "LongestFirst")
        .put("stride", 0);
    json.putObject("padding")
        .put("direction", "Right")
        .put("pad_id", 0)
        .put("pad_type_id", 0)
        .put("pad_token", "<s>")
        .putNull("pad_to_multiple_of")
        .putObject("strategy")
        .put("Fixed", 64);
    try (DocumentTokenizer tokenizer = open(json)) {
      assertThat(tokenizer.encode("twelve bytes")).hasSize(12);
      assertThat(tokenizer.bosTokenId()).hasValue(ByteTokenizer.BOS);
    }
  }

  @Test
  void vocabularySize_withAndWithoutAddedTokens_isOneMoreThanTheGreatestId() throws IOException {
    try (DocumentTokenizer bare = open(ByteTokenizer.bare())) {
      assertThat(bare.vocabularySize()).isEqualTo(256);
    }
    try (DocumentTokenizer more = open(ByteTokenizer.withBosToken())) {
      assertThat(more.vocabularySize()).isEqualTo(257);
    }
  }

  @Test
  void hash_ofTheFile_isItsSha256() throws Exception {
    try (DocumentTokenizer tokenizer = open(ByteTokenizer.bare())) {
      byte[] bytes = Files.readAllBytes(directory.resolve("tokenizer.json"));
      String expected =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
      assertThat(tokenizer.hash()).isEqualTo(expected);
      assertThat(DocumentTokenizer.hash(directory)).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "{}", "[]", "{\"version\": \"1.0\", \"model\": {}}", "\u0000"})
  void open_damagedFile_isRejectedInOneSentence(String content) throws IOException {
    Path file = directory.resolve("tokenizer.json");
    Files.writeString(file, content);
    Throwable thrown = catchThrowable(() -> DocumentTokenizer.open(directory));
    assertThat(thrown).isInstanceOf(BadInputException.class);
    assertThat(thrown.getMessage())
        .startsWith("Cannot read " + file + ": ")
        .endsWith("; expected a tokenizer.json of Hugging Face tokenizers.")
        .doesNotContain("\n")
        .doesNotContain("null");
  }

  @Test
  void open_damagedConfigBesideIt_isRejectedInOneSentence() throws IOException {
    Path config = directory.resolve("tokenizer_config.json");
    Files.writeString(config, "{\"bos_token\": \"<s>\"");
    assertThatThrownBy(() -> open(ByteTokenizer.withBosToken()))
        .isInstanceOf(BadInputException.class)
        .hasMessage("Cannot read %s: expected JSON, but it ends in the middle of a value.", config);
  }

  @Test
  void open_noFile_isRejected() {
    assertThat(DocumentTokenizer.isIn(directory)).isFalse();
    assertThatThrownBy(() -> DocumentTokenizer.open(directory))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "No tokenizer.json in %s: expected the directory of a Hugging Face checkpoint with a"
                + " fast tokenizer.",
            directory);
  }
}
