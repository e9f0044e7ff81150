package org.longrope.driver.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.io.IOUtils;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.scoring.Evaluation;
import org.longrope.driver.scoring.EvaluationTask;
import org.longrope.driver.scoring.ScoringException;
import org.longrope.eval.BadInputException;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;

/**
 * Every decision and every evaluation of a run, appended as it happens: the truth from which a run
 * is resumed, reported and audited.
 *
 * <p>Numbered segments ({@link JournalSegment}). Every process that works on the run writes one of
 * its own, flushed record by record where the file system can; where it cannot, an object store,
 * each record is a segment. A last line that a dying process cut off was never there; any other
 * damage, and records that are missing, are named and refused. Of two processes that work on one
 * run the older stops.
 */
public final class Journal implements AutoCloseable {
  private final RunDirectory run;
  private final List<JournalEntry> entries = new ArrayList<>();
  private final Map<EvaluationTask, Evaluation> evaluations = new LinkedHashMap<>();
  private int segments;
  private boolean claimed;
  private @Nullable FSDataOutputStream out;

  private Journal(RunDirectory run) {
    this.run = run;
  }

  /**
   * Reads what was done so far.
   *
   * @throws BadInputException if a record is damaged or missing
   */
  public static Journal open(RunDirectory run) {
    Journal journal = new Journal(run);
    for (JournalSegment segment : JournalSegment.readAll(run)) {
      journal.add(segment);
    }
    return journal;
  }

  private void add(JournalSegment segment) {
    segments = segment.number() + 1;
    Integer first = segment.first();
    if (first == null) {
      return;
    }
    if (first > entries.size()) {
      throw BadInputException.of(
          "Records %d to %d before %s/%s are missing: restore the segments before it from a copy.",
          entries.size(), first - 1, run.location(), JournalSegment.name(segment.number()));
    }
    // What an older process wrote after a newer one had taken over was never told to anyone.
    for (JournalEntry late : entries.subList(first, entries.size())) {
      if (late instanceof JournalEntry.Evaluated evaluated) {
        evaluations.remove(evaluated.evaluation().task());
      }
    }
    entries.subList(first, entries.size()).clear();
    segment.entries().forEach(this::remember);
  }

  private void remember(JournalEntry entry) {
    entries.add(entry);
    if (entry instanceof JournalEntry.Evaluated evaluated) {
      evaluations.putIfAbsent(evaluated.evaluation().task(), evaluated.evaluation());
    }
  }

  /** All records in their order; grows as they are appended. */
  List<JournalEntry> entries() {
    return Collections.unmodifiableList(entries);
  }

  /** What was evaluated, by task; grows as records are appended. */
  public Map<EvaluationTask, Evaluation> evaluations() {
    return Collections.unmodifiableMap(evaluations);
  }

  /**
   * exp(Σ NLL / Σ tokens) over evaluated tasks, summed in the order of the tasks; NaN if one was
   * rejected.
   */
  double perplexity(List<EvaluationTask> tasks) {
    List<DocumentScore> scores = new ArrayList<>();
    for (EvaluationTask task : tasks) {
      if (evaluated(task) instanceof Evaluation.Scored scored) {
        scores.add(scored.score());
      } else {
        return Double.NaN;
      }
    }
    return DocumentScore.perplexity(scores);
  }

  /** What a candidate's tasks come to: one rejected document rejects it. */
  Outcome outcome(List<EvaluationTask> tasks) {
    for (EvaluationTask task : tasks) {
      if (evaluated(task) instanceof Evaluation.Rejected rejected) {
        return new Outcome.Rejected("document " + task.documentId() + ": " + rejected.reason());
      }
    }
    return Outcome.of(perplexity(tasks));
  }

  private Evaluation evaluated(EvaluationTask task) {
    Evaluation evaluation = evaluations.get(task);
    if (evaluation == null) {
      throw new IllegalStateException("No evaluation of " + task);
    }
    return evaluation;
  }

  /** Appends an evaluation; of two for one task the first counts. */
  public void append(Evaluation evaluation, String phase) {
    if (!evaluations.containsKey(evaluation.task())) {
      append(new JournalEntry.Evaluated(Instant.now(), evaluation, phase));
    }
  }

  /** Appends the decision to try a candidate, having been told so many outcomes. */
  void append(int number, int told, int generation, Candidate candidate) {
    append(new JournalEntry.Decided(Instant.now(), number, told, generation, candidate));
  }

  private void append(JournalEntry entry) {
    try {
      FSDataOutputStream stream = out == null ? begin() : out;
      requireOwnership();
      stream.write(JournalSegment.line(entry));
      if (stream.hasCapability(StreamCapabilities.HFLUSH)) {
        stream.hflush();
      } else {
        close();
      }
    } catch (FileAlreadyExistsException e) {
      throw anotherProcess();
    } catch (IOException e) {
      abandonSegment();
      throw new UncheckedIOException("Cannot append to the journal of " + run.location(), e);
    } catch (UncheckedIOException e) {
      abandonSegment();
      throw e;
    }
    remember(entry);
  }

  /** What of a record was written is cut off there: the next append begins a segment anew. */
  private void abandonSegment() {
    IOUtils.closeStream(out);
    out = null;
  }

  /** A new segment, which tells older processes that the run is another's now. */
  private FSDataOutputStream begin() throws IOException {
    int number = segments++;
    FSDataOutputStream stream = run.append(JournalSegment.name(number));
    out = stream;
    if (!claimed) {
      requireNothingNew();
      claimed = true;
    }
    stream.write(JournalSegment.head(entries.size()));
    return stream;
  }

  /** Records that came between reading and now are of a process that still works on the run. */
  private void requireNothingNew() {
    if (open(run).entries.size() != entries.size()) {
      throw anotherProcess();
    }
  }

  private void requireOwnership() {
    if (run.exists(JournalSegment.name(segments))) {
      throw anotherProcess();
    }
  }

  private ScoringException anotherProcess() {
    return new ScoringException(
        "Another process works on "
            + run.location()
            + ": this one stops; let the other go on, or end it and resume.");
  }

  @Override
  public void close() {
    try (FSDataOutputStream stream = out) {
      out = null;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot close the journal of " + run.location(), e);
    }
  }
}
