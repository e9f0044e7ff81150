package org.longrope.datasets;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BiConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.ParquetRuntimeException;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * Reader of a prepared partition, anywhere: it needs a Hadoop configuration but no Spark session.
 * It knows the stored documents when it opens; it reads tokens on request, one document at a time,
 * and checks them against their hash. Safe for use by several threads.
 */
public final class EvaluationPartition {
  private final Path directory;
  private final Configuration configuration;
  private final Manifest manifest;
  private final List<DocumentDescriptor> documents;
  private final Map<String, Stored> stored;

  private record Stored(Path file, PartFile.Head head) {}

  private EvaluationPartition(
      Path directory, Configuration configuration, Manifest manifest, List<Stored> stored) {
    this.directory = directory;
    this.configuration = configuration;
    this.manifest = manifest;
    this.documents = stored.stream().map(s -> s.head.document()).toList();
    this.stored = new LinkedHashMap<>();
    stored.forEach(s -> this.stored.put(s.head.document().id(), s));
  }

  /**
   * Opens a partition and checks that its documents are those of its manifest.
   *
   * @throws BadInputException if there is no partition, it is of another format version, or parts
   *     of it are missing or damaged
   */
  public static EvaluationPartition open(Path directory, Configuration configuration) {
    Manifest manifest = readManifest(directory, configuration);
    List<Stored> stored = new ArrayList<>();
    Sha256 content = Manifest.contentHash(manifest.formatVersion(), manifest.bosTokenId());
    long tokens = 0;
    for (String name : manifest.files()) {
      Path file = new Path(directory, name);
      for (PartFile.Head head : heads(file, configuration)) {
        stored.add(new Stored(file, head));
        content.add(head.sha256());
        tokens += head.document().tokenCount();
      }
    }
    if (stored.size() != manifest.documents()
        || tokens != manifest.tokens()
        || !content.hex().equals(manifest.contentHash())) {
      throw BadInputException.of(
          "The documents in %s are not those of its manifest: the partition is damaged; remove it"
              + " and prepare the data again.",
          directory);
    }
    return new EvaluationPartition(directory, configuration, manifest, stored);
  }

  /**
   * Returns a location as every host and working directory resolves it.
   *
   * @throws BadInputException if it is no path of a known file system
   */
  public static String qualified(String location, Configuration configuration) {
    try {
      Path path = new Path(location);
      return path.getFileSystem(configuration).makeQualified(path).toString();
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "Cannot read %s (%s): expected a path on a Hadoop file system.",
              location, e.getMessage()),
          e);
    }
  }

  private static Manifest readManifest(Path directory, Configuration configuration) {
    Path file = new Path(directory, Manifest.FILE);
    byte[] json;
    try {
      FileSystem fileSystem = file.getFileSystem(configuration);
      if (!fileSystem.exists(file)) {
        throw BadInputException.of(
            "There is no %s: expected an evaluation partition; make one with longrope prepare.",
            file);
      }
      try (InputStream stream = fileSystem.open(file)) {
        json = stream.readAllBytes();
      }
    } catch (IOException e) {
      throw new BadInputException(
          String.format("Cannot read %s: %s.", file, TaskResult.reason(e)), e);
    }
    String text = InputStreams.text(json);
    return Manifest.parse(text == null ? "" : text, file.toString());
  }

  // Parquet throws runtime exceptions of many kinds for damaged pages.
  private static List<PartFile.Head> heads(Path file, Configuration configuration) {
    try {
      return PartFile.heads(file, configuration);
    } catch (FileNotFoundException e) {
      throw new BadInputException(
          String.format(
              "There is no %s, which the manifest names: the partition is not whole; remove it and"
                  + " prepare the data again.",
              file),
          e);
    } catch (IOException | RuntimeException e) {
      throw damaged(file, e);
    }
  }

  private static BadInputException damaged(Path file, Exception cause) {
    String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    return new BadInputException(
        String.format(
            "%s is damaged (%s): remove the partition and prepare the data again.", file, reason),
        cause);
  }

  public Manifest manifest() {
    return manifest;
  }

  /** Returns the stored documents in stored order. */
  public List<DocumentDescriptor> documents() {
    return documents;
  }

  /**
   * Returns the token ids of one document as they are stored, without BOS unless one was in the
   * input.
   *
   * @throws BadInputException if there is no such document or it is damaged
   */
  public int[] tokens(String documentId) {
    Stored document = stored.get(documentId);
    if (document == null) {
      throw BadInputException.of(
          "There is no document %s in %s: expected one of its %d ids.",
          documentId, directory, documents.size());
    }
    try {
      return PartFile.tokens(document.file, document.head, configuration);
    } catch (IOException | RuntimeException e) {
      throw damaged(document.file, e);
    }
  }

  /**
   * Reads every document once, in stored order: much faster than one by one where there are many.
   *
   * @param reader receives each document and its ids as they are stored
   * @throws BadInputException if one is damaged
   */
  public void forEach(BiConsumer<DocumentDescriptor, int[]> reader) {
    Map<Path, List<PartFile.Head>> byFile = new LinkedHashMap<>();
    for (Stored document : stored.values()) {
      byFile.computeIfAbsent(document.file, file -> new ArrayList<>()).add(document.head);
    }
    byFile.forEach(
        (file, heads) -> {
          try {
            PartFile.forEach(file, heads, configuration, reader);
          } catch (IOException | ParquetRuntimeException e) {
            throw damaged(file, e);
          }
        });
  }

  /**
   * Returns what a model reads: the document's ids, after the partition's BOS if it has one and
   * they do not begin with it already.
   *
   * @throws BadInputException if there is no such document or it is damaged
   */
  public int[] sequence(String documentId) {
    return withBos(tokens(documentId));
  }

  /**
   * Returns the id that a prompt around a document begins with, if it begins with one: as {@link
   * #sequence}, or as the model's tokenizer has it where ids are of an unknown one.
   *
   * @param tokenizer the model's
   */
  public OptionalInt bosTokenId(DocumentTokenizer tokenizer) {
    Integer bos = manifest.bosTokenId();
    if (manifest.tokenizerHash() == null) {
      return tokenizer.bosTokenId();
    }
    return bos == null ? OptionalInt.empty() : OptionalInt.of(bos);
  }

  /** Returns the ids with BOS before them, as {@link #sequence} gives them. */
  public int[] withBos(int[] tokens) {
    Integer bos = manifest.bosTokenId();
    if (bos == null || (tokens.length > 0 && tokens[0] == bos)) {
      return tokens;
    }
    int[] sequence = new int[tokens.length + 1];
    sequence[0] = bos;
    System.arraycopy(tokens, 0, sequence, 1, tokens.length);
    return sequence;
  }

  /**
   * Rejects ids of another tokenizer; ids of an unknown tokenizer pass.
   *
   * @param tokenizerHash SHA-256 of the model's tokenizer.json
   * @param where the model, for the message
   * @throws BadInputException if the partition was made with another tokenizer
   */
  public void requireTokenizer(String tokenizerHash, String where) {
    String own = manifest.tokenizerHash();
    if (own != null && !own.equals(tokenizerHash)) {
      throw BadInputException.of(
          "%s was made with another tokenizer (%s…) than that of %s (%s…): prepare the data with"
              + " the model's own tokenizer.",
          directory, own.substring(0, 12), where, tokenizerHash.substring(0, 12));
    }
  }
}
