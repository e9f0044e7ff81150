package org.longrope.eval.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;

/**
 * The tokenizer.json of a checkpoint directory. Documents are tokenised whole and without special
 * tokens; the BOS token is prepended by whoever cuts a window. Safe for use by several threads.
 */
public final class DocumentTokenizer implements AutoCloseable {
  private static final String FILE = "tokenizer.json";

  private final HuggingFaceTokenizer tokenizer;
  private final String hash;
  private final OptionalInt bosTokenId;

  private final int vocabularySize;

  private DocumentTokenizer(
      HuggingFaceTokenizer tokenizer, int vocabularySize, String hash, OptionalInt bosTokenId) {
    this.tokenizer = tokenizer;
    this.vocabularySize = vocabularySize;
    this.hash = hash;
    this.bosTokenId = bosTokenId;
  }

  /** Whether the directory has a tokenizer.json. */
  public static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve(FILE));
  }

  /** The SHA-256 of the directory's tokenizer.json, without loading it. */
  public static String hash(Path directory) {
    return Sha256.ofFile(directory.resolve(FILE));
  }

  /**
   * @throws BadInputException if the directory has no tokenizer.json or it is damaged
   */
  public static DocumentTokenizer open(Path directory) {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw BadInputException.of(
          "No tokenizer.json in %s: expected the directory of a Hugging Face checkpoint with a fast"
              + " tokenizer.",
          directory);
    }
    // Without this, DJL asks its update server before it opens a local file.
    System.setProperty("ai.djl.offline", "true");
    HuggingFaceTokenizer tokenizer;
    try {
      tokenizer =
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optAddSpecialTokens(false)
              .optTruncation(false)
              .optPadding(false)
              .build();
    } catch (IOException | RuntimeException e) {
      throw new BadInputException(
          String.format(
              "Cannot read %s: %s; expected a tokenizer.json of Hugging Face tokenizers.",
              file, e.getMessage()),
          e);
    }
    return new DocumentTokenizer(
        tokenizer, vocabularySize(file), Sha256.ofFile(file), bosTokenId(directory, tokenizer));
  }

  private static int vocabularySize(Path file) {
    int greatest = -1;
    JsonNode json = readJson(file);
    JsonNode vocabulary = json.path("model").path("vocab");
    for (JsonNode id : vocabulary) {
      // An object from token to id, or (Unigram) a list of tokens in the order of their ids.
      greatest = vocabulary.isArray() ? greatest + 1 : Math.max(greatest, id.asInt(-1));
    }
    for (JsonNode token : json.path("added_tokens")) {
      greatest = Math.max(greatest, token.path("id").asInt(-1));
    }
    return greatest + 1;
  }

  private static JsonNode readJson(Path file) {
    try {
      return new JsonMapper().readTree(file.toFile());
    } catch (JsonProcessingException e) {
      String found = e.getOriginalMessage().replace('\n', ' ');
      throw new BadInputException(
          String.format("Cannot read %s: expected JSON, found: %s.", file, found), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /**
   * BOS as this tokenizer itself would prepend it; failing that, as tokenizer_config.json names it,
   * unless add_bos_token is false there.
   */
  private static OptionalInt bosTokenId(Path directory, HuggingFaceTokenizer tokenizer) {
    long[] bare = tokenizer.encode("a", false, false).getIds();
    long[] full = tokenizer.encode("a", true, false).getIds();
    if (full.length > bare.length && (bare.length == 0 || full[0] != bare[0])) {
      return OptionalInt.of(Math.toIntExact(full[0]));
    }
    Path configFile = directory.resolve("tokenizer_config.json");
    if (!Files.isRegularFile(configFile)) {
      return OptionalInt.empty();
    }
    JsonNode config = readJson(configFile);
    JsonNode bos = config.path("bos_token");
    String token = bos.isObject() ? bos.path("content").asText("") : bos.asText("");
    if (bos.isNull() || token.isEmpty() || !config.path("add_bos_token").asBoolean(true)) {
      return OptionalInt.empty();
    }
    long[] ids = tokenizer.encode(token, false, false).getIds();
    return ids.length == 1 ? OptionalInt.of(Math.toIntExact(ids[0])) : OptionalInt.empty();
  }

  /** Token ids of a whole document, without special tokens. */
  public int[] encode(String document) {
    // Only the ids: DJL's Encoding holds the text and the place of every token too, and takes twice
    // the time.
    long encoding = TokenizersLibrary.LIB.encode(tokenizer.getHandle(), document, false);
    long[] ids;
    try {
      ids = TokenizersLibrary.LIB.getTokenIds(encoding);
    } finally {
      TokenizersLibrary.LIB.deleteEncoding(encoding);
    }
    int[] tokens = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      tokens[i] = Math.toIntExact(ids[i]);
    }
    return tokens;
  }

  /** The text of token ids, without that of special tokens. */
  public String decode(int[] tokens) {
    return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), true);
  }

  /** One more than the greatest id. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /** The id that begins every sequence, if this tokenizer has one. */
  public OptionalInt bosTokenId() {
    return bosTokenId;
  }

  /** SHA-256 of tokenizer.json. */
  public String hash() {
    return hash;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
