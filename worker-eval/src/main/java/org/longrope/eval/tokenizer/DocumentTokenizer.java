package org.longrope.eval.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import org.longrope.eval.BadInputException;
import org.longrope.eval.JsonFault;
import org.longrope.eval.Sha256;

/**
 * Tokenizer of a checkpoint directory's tokenizer.json. Documents are tokenised whole and without
 * special tokens; the code that cuts a window prepends BOS. Safe for use by several threads.
 */
public final class DocumentTokenizer implements AutoCloseable {
  private static final String FILE = "tokenizer.json";
  private static final String CONFIG_FILE = "tokenizer_config.json";

  private final HuggingFaceTokenizer tokenizer;
  private final String directory;
  private final String hash;
  private final BosTokens bosTokens;

  private final int vocabularySize;

  private DocumentTokenizer(
      HuggingFaceTokenizer tokenizer,
      String directory,
      int vocabularySize,
      String hash,
      BosTokens bosTokens) {
    this.tokenizer = tokenizer;
    this.directory = directory;
    this.vocabularySize = vocabularySize;
    this.hash = hash;
    this.bosTokens = bosTokens;
  }

  /** Returns whether the directory has a tokenizer.json. */
  public static boolean isIn(Path directory) {
    return Files.isRegularFile(directory.resolve(FILE));
  }

  /** Returns the SHA-256 of the directory's tokenizer.json, without loading it. */
  public static String hash(Path directory) {
    return Sha256.ofFile(directory.resolve(FILE));
  }

  /**
   * Opens the tokenizer of a directory.
   *
   * @throws BadInputException if the directory has no tokenizer.json or it is damaged
   */
  public static DocumentTokenizer open(Path directory) {
    return open(directory, directory.toString());
  }

  /**
   * Opens a copy of a tokenizer's files.
   *
   * @param origin original directory, for messages
   * @throws BadInputException if the directory has no tokenizer.json or it is damaged
   */
  public static DocumentTokenizer open(Path directory, String origin) {
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
    Path config = directory.resolve(CONFIG_FILE);
    return new DocumentTokenizer(
        tokenizer,
        origin,
        vocabularySize(file),
        Sha256.ofFile(file),
        BosTokens.read(
            tokenizer, Files.isRegularFile(config) ? readJson(config) : MissingNode.getInstance()));
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
      throw new BadInputException(
          String.format("Cannot read %s: expected JSON, but %s.", file, JsonFault.describe(e)), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  /** Returns the token ids of a whole document, without special tokens. */
  public int[] encode(String document) {
    // Only the ids: DJL's Encoding also holds text and position of every token, and takes twice the
    // time.
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

  /** Returns the text of token ids, without that of special tokens. */
  public String decode(int[] tokens) {
    return tokenizer.decode(Arrays.stream(tokens).asLongStream().toArray(), true);
  }

  /** Returns one more than the greatest id. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /**
   * Returns the id that begins every sequence where transformers 5 puts one before a text.
   *
   * @throws BadInputException if the tokenizer puts several tokens before a text
   */
  public OptionalInt bosTokenId() {
    return bosTokenId(BosChoice.AUTO);
  }

  /**
   * Returns the id that begins every sequence, if one does.
   *
   * @throws BadInputException if BOS is requested and there is none, or the tokenizer puts several
   *     tokens before a text and the choice is automatic
   */
  public OptionalInt bosTokenId(BosChoice choice) {
    return bosTokens.chosen(choice, directory);
  }

  /**
   * Returns true if transformers 4.57 and 5 treat BOS differently with this tokenizer's files,
   * because tokenizer.json and {@code add_bos_token} of tokenizer_config.json contradict each
   * other.
   */
  public boolean isBosDisputed() {
    return bosTokens.disagreement();
  }

  /** Returns the id that the first versions of this program used as BOS. */
  public OptionalInt formerBosTokenId() {
    return bosTokens.former();
  }

  /** Returns the SHA-256 of tokenizer.json. */
  public String hash() {
    return hash;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
