package org.longrope.driver.store.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.CacheKey;
import org.longrope.driver.execution.DocumentHashes;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.driver.store.files.RecordLines;
import org.longrope.eval.BadInputException;

/**
 * Results of any runs, on any Hadoop file system, known by everything that they depend on.
 *
 * <pre>
 *   FIRST 16 OF THE MODEL'S SHA-256/
 *     TIME-UUID.jsonl     {@link RecordLines}: the {@link EvaluationEnvironment}, then {@link CacheEntry entries}
 * </pre>
 *
 * <p>Each process writes files of its own, so that any number of them extend a cache at a time
 * without a lock. It reads the files of others once, when it opens the cache. A file that is
 * missing breaks nothing: its results are computed again.
 *
 * <p>A file does not name the kind of CPU or GPU that it comes from: its bits tell. Files belong to
 * one {@link HardwareClass} if they agree on an entry that both have. So a process adds, besides
 * the results that were unknown, those known ones that it has computed itself.
 */
public final class EvaluationCache {
  static final String SUFFIX = ".jsonl";

  private static final int FORMAT_VERSION = 2;
  private static final String FORMAT = "ledger_version";
  private static final int MODEL_DIGITS = 16;

  private final String location;
  private final DocumentHashes documents;
  private final CacheFile file;

  private final List<HardwareClass> classes = new ArrayList<>();
  private final List<String> unusable = new ArrayList<>();
  private boolean hasEarlierFormat;

  private EvaluationCache(String location, DocumentHashes documents, CacheFile file) {
    this.location = location;
    this.documents = documents;
    this.file = file;
  }

  /**
   * Reads the results of an environment. A cache that does not exist is made with the first entry.
   *
   * @param documents that tasks name
   * @throws BadInputException if it cannot be read, is damaged, or was written by a later version
   */
  public static EvaluationCache open(
      String location,
      EvaluationEnvironment environment,
      DocumentHashes documents,
      Configuration hadoop) {
    HadoopDirectory root = HadoopDirectory.at(location, "an evaluation cache", hadoop);
    String folder = environment.modelHash().substring(0, MODEL_DIGITS);
    ObjectNode head = environment.toJson().put(FORMAT, FORMAT_VERSION);
    EvaluationCache cache =
        new EvaluationCache(
            root.location(), documents, new CacheFile(root, folder, RecordLines.line(head)));
    try {
      if (root.isFile()) {
        throw BadInputException.of(
            "The evaluation cache %s is a file: expected a directory, or a place for one.",
            location);
      }
      cache.read(root, folder, head);
    } catch (UncheckedIOException e) {
      throw new BadInputException(
          String.format(
              "%s: expected an evaluation cache that can be read; repair its file system, or"
                  + " continue without it by --evaluation-cache none.",
              HadoopDirectory.sentence(e)),
          e);
    }
    return cache;
  }

  private void read(HadoopDirectory root, String folder, ObjectNode head) {
    for (String name : root.list(folder)) {
      if (name.endsWith(SUFFIX)) {
        String where = location + "/" + folder + "/" + name;
        try {
          read(root.readShared(folder + "/" + name), where, head);
        } catch (UncheckedIOException e) {
          // Its writer may live, or somebody has removed it since.
          unusable.add(HadoopDirectory.sentence(e));
        }
      }
    }
  }

  private void read(String text, String where, ObjectNode head) {
    HardwareClass read = new HardwareClass();
    boolean[] own = {false};
    boolean[] contradicted = {false};
    RecordLines.read(
        text,
        where,
        "remove the file, and its results are computed again",
        (line, json) -> {
          if (line == 1) {
            own[0] = isKnownFormat(json, where) && json.equals(head);
          } else if (own[0] && !read.add(CacheEntry.fromJson(json))) {
            contradicted[0] = true;
          }
        });
    if (contradicted[0]) {
      unusable.add(
          where + " has two results for one key: it comes from more than one kind of CPU or GPU");
    } else if (own[0]) {
      join(read);
    }
  }

  /** Merges a file with all classes that it resembles. */
  private void join(HardwareClass file) {
    HardwareClass joined = file;
    for (HardwareClass other : List.copyOf(classes)) {
      if (joined.resembles(other)) {
        classes.remove(other);
        joined = joined.mergeWith(other);
      }
    }
    classes.add(joined);
  }

  private boolean isKnownFormat(JsonNode head, String where) {
    int version = head.path(FORMAT).asInt();
    if (version > FORMAT_VERSION) {
      throw BadInputException.of(
          "%s has format version %d, newer than this program knows (%d): use a newer longrope, or"
              + " another --evaluation-cache.",
          where, version, FORMAT_VERSION);
    }
    if (version < 1) {
      throw new IllegalArgumentException("No " + FORMAT);
    }
    hasEarlierFormat |= version < FORMAT_VERSION;
    return version == FORMAT_VERSION;
  }

  /** Returns the location as people give it to commands. */
  public String location() {
    return location;
  }

  /** Returns a sentence about files that cannot be used; null if there are none. */
  @Nullable String unusable() {
    if (!unusable.isEmpty()) {
      return String.format(
          "%s; the results of %s are computed again.",
          unusable.get(0),
          unusable.size() == 1
              ? "this file"
              : String.format("this and %d other files", unusable.size() - 1));
    }
    return hasEarlierFormat
        ? location
            + " also has files of an earlier version, which are not used: their results are"
            + " computed again."
        : null;
  }

  /** Returns the trusted result of a task; null if there is none. */
  @Nullable CacheEntry get(ModelTask<?> task, String computeType) {
    CacheKey key = task.key(documents);
    return classes.stream()
        .filter(HardwareClass::isProved)
        .map(known -> known.get(key, computeType))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /**
   * Returns the classes that have a result of a task and are neither trusted nor refuted yet.
   *
   * @param computeType null for any
   */
  List<HardwareClass> untested(ModelTask<?> task, @Nullable String computeType) {
    CacheKey key = task.key(documents);
    return classes.stream()
        .filter(known -> known.isOpen() && known.get(key, computeType) != null)
        .toList();
  }

  /**
   * Compares a result that was computed here with those of all classes.
   *
   * @return an entry that differs, if no other one agrees
   */
  @Nullable CacheEntry compare(CacheEntry live) {
    classes.forEach(known -> known.compare(live));
    List<CacheEntry> there =
        classes.stream()
            .map(known -> known.get(live.key(), live.computeType()))
            .filter(Objects::nonNull)
            .toList();
    return there.isEmpty() || there.stream().anyMatch(live::agrees) ? null : there.get(0);
  }

  /** Makes the entry of a result. */
  CacheEntry entry(TaskResult.Completed<?> completed) {
    return CacheEntry.of(completed, documents);
  }

  /**
   * Adds an entry for other runs.
   *
   * @throws UncheckedIOException if it cannot be written; nothing may be appended from then on
   */
  void append(CacheEntry entry) {
    try {
      file.append(RecordLines.line(entry.toJson()));
    } catch (IOException e) {
      file.abandon();
      throw cannotWrite(e);
    }
  }

  /**
   * Finishes the file of this process.
   *
   * @throws UncheckedIOException if its last entries cannot be written
   */
  void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw cannotWrite(e);
    }
  }

  private UncheckedIOException cannotWrite(IOException cause) {
    return new UncheckedIOException("Cannot extend the evaluation cache " + location, cause);
  }
}
