package org.longrope.datasets;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Json;
import org.longrope.eval.Sha256;

/**
 * Description of an evaluation partition and of its origin. It holds nothing that changes from one
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
@JsonInclude(JsonInclude.Include.ALWAYS)
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

  private static final String REMEDY = "prepare the data again";

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

  /** Returns the text of the file, which is the same on every machine and ends with a newline. */
  String print() {
    return Json.pretty(this);
  }

  /**
   * Reads the text of a manifest.
   *
   * @param where the file, for messages
   * @throws BadInputException if the text is damaged, or of a layout that is too new or too old
   */
  static Manifest parse(String text, String where) {
    ObjectNode object = Json.readObject(text, where, REMEDY);
    if (!object.path("format_version").isInt()) {
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
    Manifest manifest = Json.read(Manifest.class, object, where, REMEDY);
    manifest.files.forEach(name -> requirePlainName(name, where));
    return manifest;
  }

  // A manifest must not reach outside its directory.
  private static void requirePlainName(String name, String where) {
    if (!name.matches("\\w[\\w.-]*")) {
      throw BadInputException.of(
          "%s names the file \"%s\": expected the plain name of a file in its directory; prepare"
              + " the data again.",
          where, name.lines().findFirst().orElse(""));
    }
  }
}
