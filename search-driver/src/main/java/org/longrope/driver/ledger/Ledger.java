package org.longrope.driver.ledger;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.files.HadoopDirectory;
import org.longrope.driver.files.RecordLines;
import org.longrope.driver.scoring.Evaluation;
import org.longrope.driver.scoring.EvaluationTask;
import org.longrope.eval.BadInputException;

/**
 * Evaluations of any runs, on any Hadoop file system, known by all that they depend on.
 *
 * <pre>
 *   FIRST 16 OF THE MODEL'S SHA-256/
 *     TIME-UUID.jsonl     {@link RecordLines}: the {@link Instrument}, then {@link Entry entries}
 * </pre>
 *
 * <p>Each process writes files of its own, so that any number of them add to a ledger at a time
 * without a lock; it reads the others' once, at its beginning. Nothing breaks without a file: what
 * it held is evaluated again.
 */
public final class Ledger {
  static final String SUFFIX = ".jsonl";

  private static final int FORMAT_VERSION = 1;
  private static final String FORMAT = "ledger_version";
  private static final int MODEL_DIGITS = 16;

  private final String location;
  private final Contents contents;
  private final LedgerFile file;

  /** By question and compute type. */
  private final Map<Entry.Question, Map<String, Entry>> entries = new HashMap<>();

  private Ledger(String location, Contents contents, LedgerFile file) {
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
  public static Ledger open(
      String location, Instrument instrument, Contents contents, Configuration hadoop) {
    HadoopDirectory root = HadoopDirectory.at(location, "a ledger", hadoop);
    String folder = instrument.modelHash().substring(0, MODEL_DIGITS);
    ObjectNode head = instrument.toJson().put(FORMAT, FORMAT_VERSION);
    Ledger ledger =
        new Ledger(root.location(), contents, new LedgerFile(root, folder, RecordLines.line(head)));
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
    Set<Entry.Question> contradicted = new HashSet<>();
    for (String name : root.list(folder)) {
      if (!name.endsWith(SUFFIX)) {
        continue;
      }
      String where = location + "/" + folder + "/" + name;
      boolean[] own = {false};
      RecordLines.read(
          root.read(folder + "/" + name),
          where,
          "remove the file, and what it held is evaluated again",
          (line, json) -> {
            if (line == 1) {
              requireFormat(json, where);
              own[0] = json.equals(head);
            } else if (own[0]) {
              add(Entry.fromJson(json), contradicted);
            }
          });
    }
    // Of two answers that differ neither is known to be right.
    contradicted.forEach(entries::remove);
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

  private void add(Entry entry, Set<Entry.Question> contradicted) {
    if (contents.contains(entry.question().content())) {
      Entry first =
          entries
              .computeIfAbsent(entry.question(), question -> new HashMap<>())
              .putIfAbsent(entry.computeType(), entry);
      if (first != null && !first.agrees(entry)) {
        contradicted.add(entry.question());
      }
    }
  }

  /** As people give it to commands. */
  public String location() {
    return location;
  }

  /**
   * Whether an answer is known.
   *
   * @param computeType in which; null for any
   */
  boolean knows(EvaluationTask task, @Nullable String computeType) {
    Map<String, Entry> known = entries.getOrDefault(question(task), Map.of());
    return computeType == null ? !known.isEmpty() : known.containsKey(computeType);
  }

  /** The answer to a task; null if it is not known. */
  @Nullable Entry answer(EvaluationTask task, String computeType) {
    return entries.getOrDefault(question(task), Map.of()).get(computeType);
  }

  /** What is to be kept of an evaluation. */
  Entry entry(Evaluation.Scored scored) {
    return Entry.of(question(scored.task()), scored);
  }

  private Entry.Question question(EvaluationTask task) {
    return new Entry.Question(contents.of(task), task.protocol().toString(), task.rescaling());
  }

  /**
   * Keeps an entry for other runs.
   *
   * @throws UncheckedIOException if it cannot be written; nothing may be appended from then on
   */
  void append(Entry entry) {
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
