package org.longrope.datasets;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A byte-level tokenizer without merges: one token for each UTF-8 byte, ids as the bytes. */
final class TestTokenizer {
  static final int BOS = 256;

  private TestTokenizer() {}

  /** Writes tokenizer.json into the directory, with or without a BOS token. */
  static Path write(Path directory, boolean bos) {
    StringBuilder vocabulary = new StringBuilder();
    int next = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      int symbol = printable ? b : next++;
      vocabulary.append(b == 0 ? "" : ",").append(String.format("\"\\u%04x\":%d", symbol, b));
    }
    String special =
        "{\"id\":256,\"content\":\"<s>\",\"single_word\":false,\"lstrip\":false,\"rstrip\":false,"
            + "\"normalized\":false,\"special\":true}";
    String template =
        "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"<s>\",\"type_id\":0}},"
            + "{\"Sequence\":{\"id\":\"A\",\"type_id\":0}}],\"pair\":[{\"Sequence\":{\"id\":\"A\","
            + "\"type_id\":0}},{\"Sequence\":{\"id\":\"B\",\"type_id\":1}}],\"special_tokens\":{\"<s>\":"
            + "{\"id\":\"<s>\",\"ids\":[256],\"tokens\":[\"<s>\"]}}}";
    String json =
        "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":["
            + (bos ? special : "")
            + "],\"normalizer\":null,\"pre_tokenizer\":{\"type\":\"ByteLevel\",\"add_prefix_space\":"
            + "false,\"trim_offsets\":true,\"use_regex\":false},\"post_processor\":"
            + (bos ? template : "null")
            + ",\"decoder\":{\"type\":\"ByteLevel\",\"add_prefix_space\":true,\"trim_offsets\":true,"
            + "\"use_regex\":true},\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,"
            + "\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":false,"
            + "\"byte_fallback\":false,\"vocab\":{"
            + vocabulary
            + "},\"merges\":[]}}";
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("tokenizer.json"), json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  /** Returns the ids of a text. */
  static int[] ids(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = bytes[i] & 0xff;
    }
    return ids;
  }
}
