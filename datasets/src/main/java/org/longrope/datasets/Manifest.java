package org.longrope.datasets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.JsonFault;
import org.longrope.eval.Sha256;

/**
 * What an evaluation partition is and where it came from. It holds nothing that changes from one
 * run to the next (times, absolute paths), so that the same preparation gives the same bytes.
 *
 * @param formatVersion of the partition's layout: 1, or 2 where {@code contentHash} covers BOS too
 * @param format the inputs' {@link SourceFormat#word()}
 * @param source the names of the inputs, without their directories
 * @param split the split that was read; null for all there was
 * @param tokenizerHash SHA-256 of the tokenizer.json; null for ids of an unknown tokenizer
 * @param bosTokenId what begins every sequence; null for none or unknown
 * @param documents how many documents are stored
 * @param tokens how many tokens they have together, BOS not counted
 * @param minTokens shorter documents were left out
 * @param sample how many documents were drawn; null for all
 * @param seed of the draw
 * @param inputHash SHA-256 of the request and the bytes of its inputs
 * @param contentHash SHA-256 over the documents' SHA-256 in stored order, each over id, title and
 *     ids; see {@link #contentHash}
 * @param files the part files in stored order
 */
public record Manifest(
    int formatVersion,
    String format,
    List<String> source,
    @Nullable String split,
    @Nullable String tokenizerHash,
    @Nullable Integer bosTokenId,
    int documents,
    long tokens,
    int minTokens,
    @Nullable Integer sample,
    long seed,
    String inputHash,
    String contentHash,
    List<String> files) {
  /** The newest layout that this program writes and reads. */
  public static final int FORMAT_VERSION = 2;

  /** The oldest layout that it reads, and writes where nothing needs the newer one. */
  static final int FIRST_FORMAT_VERSION = 1;

  /** Its name in the partition's directory. */
  public static final String FILE = "manifest.json";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .build();

  public Manifest {
    source = List.copyOf(source);
    files = List.copyOf(files);
  }

  /**
   * Begins the hash of a partition's content.
   *
   * <p>Format version 1 hashes the documents alone: its programs derived BOS from the tokenizer's
   * files and nothing else. Where BOS is another than they would have taken, version 2 puts it into
   * the hash, so that sequences that differ never share results by their hash.
   */
  static Sha256 contentHash(int formatVersion, @Nullable Integer bosTokenId) {
    Sha256 hash = new Sha256();
    return formatVersion == FIRST_FORMAT_VERSION ? hash : hash.add("BOS " + bosTokenId);
  }

  /** The same text on every machine, ending with a newline. */
  public String toJson() {
    DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
    DefaultPrettyPrinter printer =
        new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter);
    try {
      return MAPPER.writer(printer).writeValueAsString(this) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A manifest is always writable", e);
    }
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @param where the file, for messages
   * @throws BadInputException if the text is damaged, or of a layout that is too new or too old
   */
  public static Manifest fromJson(String json, String where) {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw damaged(where, e);
    }
    if (!(root instanceof ObjectNode object) || !object.path("format_version").isInt()) {
      throw BadInputException.of(
          "%s is damaged or no manifest of an evaluation partition: expected a JSON object with"
              + " format_version; prepare the data again.",
          where);
    }
    int version = object.path("format_version").intValue();
    if (version > FORMAT_VERSION) {
      throw BadInputException.of(
          "%s has format version %d, newer than this program knows (%d): use a newer longrope, or"
              + " prepare the data again with this one.",
          where, version, FORMAT_VERSION);
    }
    if (version < FIRST_FORMAT_VERSION) {
      throw BadInputException.of(
          "%s has format version %d, too old for this program (%d): prepare the data again.",
          where, version, FIRST_FORMAT_VERSION);
    }
    Manifest manifest;
    try {
      manifest = MAPPER.treeToValue(object, Manifest.class);
    } catch (JsonProcessingException | RuntimeException e) {
      throw damaged(where, e);
    }
    manifest.files.forEach(name -> requirePlainName(name, where));
    return manifest;
  }

  // A manifest must not reach outside its directory.
  private static void requirePlainName(String name, String where) {
    if (!name.matches("\\w[\\w.-]*")) {
      throw BadInputException.of(
          "%s names the file \"%s\": expected the plain name of a file beside it; prepare the data"
              + " again.",
          where, name.lines().findFirst().orElse(""));
    }
  }

  private static BadInputException damaged(String where, Exception cause) {
    String reason =
        cause instanceof JsonProcessingException json ? JsonFault.describe(json) : "a null field";
    return new BadInputException(
        String.format("%s is damaged (%s): prepare the data again.", where, reason), cause);
  }
}
