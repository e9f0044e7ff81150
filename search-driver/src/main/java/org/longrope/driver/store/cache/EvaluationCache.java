package org.longrope.driver.store.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.driver.store.files.RecordLines;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.Rescaling;

/**
 * Evaluations of any runs, on any Hadoop file system, known by all that they depend on.
 *
 * <pre>
 *   FIRST 16 OF THE MODEL'S SHA-256/
 *     TIME-UUID.jsonl     {@link RecordLines}: the {@link EvaluationEnvironment}, then {@link CacheEntry entries}
 * </pre>
 *
 * <p>Each process writes files of its own, so that any number of them add to a ledger at a time
 * without a lock; it reads the others' once, at its beginning. Nothing breaks without a file: what
 * it held is evaluated again.
 *
 * <p>On what kind of CPU or GPU a file was written it does not say: its bits do. Files are of one
 * {@link HardwareClass} if they agree on an entry that both have, so a process adds, beside what it
 * found unknown, the known answers that it has evaluated itself.
 */
public final class EvaluationCache {
  static final String SUFFIX = ".jsonl";

  private static final int FORMAT_VERSION = 1;
  private static final String FORMAT = "ledger_version";
  private static final int MODEL_DIGITS = 16;

  private final String location;
  private final DocumentHashes contents;
  private final CacheFile file;

  private final List<HardwareClass> kinds = new ArrayList<>();
  private final List<String> unusable = new ArrayList<>();

  private EvaluationCache(String location, DocumentHashes contents, CacheFile file) {
    this.location = location;
    this.contents = contents;
    this.file = file;
  }

  /**
   * Reads what a ledger knows of a run's documents; one that is not there is made by the first
   * entry.
   *
   * @throws BadInputException if it cannot be read, is damaged, or was written by a later version
   */
  public static EvaluationCache open(
      String location,
      EvaluationEnvironment instrument,
      DocumentHashes contents,
      Configuration hadoop) {
    HadoopDirectory root = HadoopDirectory.at(location, "a ledger", hadoop);
    String folder = instrument.modelHash().substring(0, MODEL_DIGITS);
    ObjectNode head = instrument.toJson().put(FORMAT, FORMAT_VERSION);
    EvaluationCache ledger =
        new EvaluationCache(
            root.location(), contents, new CacheFile(root, folder, RecordLines.line(head)));
    try {
      if (root.isFile()) {
        throw BadInputException.of(
            "The ledger %s is a file: expected a directory, or a place for one.", location);
      }
      ledger.read(root, folder, head);
    } catch (UncheckedIOException e) {
      throw new BadInputException(
          String.format(
              "%s: expected a ledger that can be read; mend its file system, or go on without it by"
                  + " --ledger none.",
              HadoopDirectory.sentence(e)),
          e);
    }
    return ledger;
  }

  private void read(HadoopDirectory root, String folder, ObjectNode head) {
    Map<Rescaling, Rescaling> rescalings = new HashMap<>();
    for (String name : root.list(folder)) {
      if (name.endsWith(SUFFIX)) {
        String where = location + "/" + folder + "/" + name;
        try {
          read(root.readShared(folder + "/" + name), where, head, rescalings);
        } catch (UncheckedIOException e) {
          // Its writer may live, or somebody has removed it since.
          unusable.add(HadoopDirectory.sentence(e));
        }
      }
    }
  }

  private void read(
      String text, String where, ObjectNode head, Map<Rescaling, Rescaling> rescalings) {
    HardwareClass file = new HardwareClass();
    boolean[] own = {false};
    boolean[] contradicted = {false};
    RecordLines.read(
        text,
        where,
        "remove the file, and what it held is evaluated again",
        (line, json) -> {
          if (line == 1) {
            requireFormat(json, where);
            own[0] = json.equals(head);
          } else if (own[0] && !file.add(CacheEntry.fromJson(json, rescalings))) {
            contradicted[0] = true;
          }
        });
    if (contradicted[0]) {
      unusable.add(
          where + " answers a question in two ways: its evaluators were of more than one kind");
    } else if (own[0]) {
      join(file);
    }
  }

  /** Puts a file with all that it resembles, unless they contradict each other. */
  private void join(HardwareClass file) {
    HardwareClass joined = file;
    for (HardwareClass kind : List.copyOf(kinds)) {
      if (joined.resembles(kind)) {
        kinds.remove(kind);
        joined = joined.with(kind);
      }
    }
    kinds.add(joined);
  }

  private static void requireFormat(JsonNode head, String where) {
    int version = head.path(FORMAT).asInt();
    if (version > FORMAT_VERSION) {
      throw BadInputException.of(
          "%s has format version %d, newer than this program knows (%d): use a newer longrope, or"
              + " another --ledger.",
          where, version, FORMAT_VERSION);
    }
    if (version != FORMAT_VERSION) {
      throw new IllegalArgumentException("No " + FORMAT);
    }
  }

  /** As people give it to commands. */
  public String location() {
    return location;
  }

  /** A sentence about files that are there and cannot be used; null if there are none. */
  @Nullable String unusable() {
    return unusable.isEmpty()
        ? null
        : String.format(
            "%s; what it %s is evaluated again.",
            unusable.get(0),
            unusable.size() == 1
                ? "holds"
                : String.format("and %d other files hold", unusable.size() - 1));
  }

  /** What evaluators here would answer to a task, as is proved; null if it is not known. */
  @Nullable CacheEntry answer(EvaluationTask task, String computeType) {
    CacheEntry.Question question = question(task);
    return kinds.stream()
        .filter(HardwareClass::isProved)
        .map(kind -> kind.answer(question, computeType))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /**
   * Those that answer a task, and of which it is not known yet whether they are to be believed.
   *
   * @param computeType in which; null for any
   */
  List<HardwareClass> untested(EvaluationTask task, @Nullable String computeType) {
    CacheEntry.Question question = question(task);
    return kinds.stream()
        .filter(kind -> kind.isOpen() && kind.answer(question, computeType) != null)
        .toList();
  }

  /**
   * Learns what an evaluator here has answered.
   *
   * @return an entry that says otherwise, if no other one says the same
   */
  @Nullable CacheEntry compare(CacheEntry live) {
    kinds.forEach(kind -> kind.compare(live));
    List<CacheEntry> there =
        kinds.stream()
            .map(kind -> kind.answer(live.question(), live.computeType()))
            .filter(Objects::nonNull)
            .toList();
    return there.isEmpty() || there.stream().anyMatch(live::agrees) ? null : there.get(0);
  }

  /** What is to be kept of an evaluation. */
  CacheEntry entry(Evaluation.Scored scored) {
    return CacheEntry.of(question(scored.task()), scored);
  }

  private CacheEntry.Question question(EvaluationTask task) {
    return new CacheEntry.Question(contents.of(task), task.protocol().toString(), task.rescaling());
  }

  /**
   * Keeps an entry for other runs.
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
   * Finishes what this process has added.
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
    return new UncheckedIOException("Cannot add to the ledger " + location, cause);
  }
}
