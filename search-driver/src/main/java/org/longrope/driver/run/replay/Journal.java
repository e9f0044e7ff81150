package org.longrope.driver.run.replay;

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
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.eval.BadInputException;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;

/**
 * Every decision and every evaluation of a run, appended as it happens: the truth from which a run
 * is resumed, reported and audited.
 *
 * <p>Numbered segments ({@link JournalSegment}). Every process that works on the run writes one of
 * its own, flushed record by record where the file system can; where it cannot, an object store,
 * each record is a segment. A last line that a dying process cut off was never there; any other
 * damage, and records that are missing, are named and refused. A process claims the run by a
 * segment before it reads the others, and one that finds a segment after its own stops: of two
 * processes that work on one run the older stops.
 */
public final class Journal implements AutoCloseable {
  private final RunDirectory run;
  private final List<JournalEntry> entries = new ArrayList<>();
  private final Map<EvaluationTask, Evaluation> evaluations = new LinkedHashMap<>();

  /** The newest segment that this process made; −1 before it has claimed the run. */
  private int own = -1;

  private @Nullable FSDataOutputStream out;

  /** Says that a write has failed, so that it is not known which of its segments is there. */
  private boolean failed;

  private Journal(RunDirectory run) {
    this.run = run;
  }

  /**
   * Reads what was done so far; another process may go on with it.
   *
   * @throws BadInputException if a record is damaged or missing
   */
  public static Journal open(RunDirectory run) {
    Journal journal = new Journal(run);
    journal.readSegments(Integer.MAX_VALUE);
    return journal;
  }

  /**
   * Takes the run over: a process that still works on it stops at its next record.
   *
   * @throws BadInputException if a record is damaged or missing; the run is left as it is then
   */
  public static Journal claim(RunDirectory run) {
    Journal journal = open(run);
    try {
      FSDataOutputStream stream = journal.create(JournalSegment.next(run));
      // The segment is there; only what came before it still counts.
      journal.readSegments(journal.own);
      stream.write(JournalSegment.head(journal.entries.size()));
      journal.finish(stream);
      return journal;
    } catch (FileAlreadyExistsException e) {
      throw journal.anotherProcess();
    } catch (IOException e) {
      journal.abandonSegment();
      throw new UncheckedIOException("Cannot append to the journal of " + run.location(), e);
    } catch (UncheckedIOException e) {
      journal.abandonSegment();
      throw e;
    }
  }

  private void readSegments(int end) {
    entries.clear();
    evaluations.clear();
    for (JournalSegment segment : JournalSegment.readAll(run)) {
      if (segment.number() < end) {
        add(segment);
      }
    }
  }

  private void add(JournalSegment segment) {
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
  public List<JournalEntry> entries() {
    return Collections.unmodifiableList(entries);
  }

  /** What was evaluated, by task; grows as records are appended. */
  public Map<EvaluationTask, Evaluation> evaluations() {
    return Collections.unmodifiableMap(evaluations);
  }

  /**
   * What a rescaling's evaluated tasks come to: exp(Σ NLL / Σ tokens), summed in the order of the
   * tasks; of tasks at several lengths the geometric mean of what those at each come to.
   *
   * @return NaN if one was rejected
   */
  public double perplexity(List<EvaluationTask> tasks) {
    Map<Integer, List<DocumentScore>> byLength = new LinkedHashMap<>();
    for (EvaluationTask task : tasks) {
      if (evaluated(task) instanceof Evaluation.Scored scored) {
        byLength
            .computeIfAbsent(task.protocol().length(), length -> new ArrayList<>())
            .add(scored.score());
      } else {
        return Double.NaN;
      }
    }
    double product = 1;
    for (List<DocumentScore> scores : byLength.values()) {
      product *= DocumentScore.perplexity(scores);
    }
    // Of one length to its last bit.
    return StrictMath.pow(product, 1.0 / byLength.size());
  }

  /** The rescaling of an evaluation that differs from this one in last bits alone, else this. */
  public Rescaling measured(Rescaling rescaling) {
    Rescaling measured = null;
    for (EvaluationTask task : evaluations.keySet()) {
      if (task.rescaling().equals(rescaling)) {
        return rescaling;
      } else if (measured == null && task.rescaling().isNear(rescaling)) {
        measured = task.rescaling();
      }
    }
    return measured == null ? rescaling : measured;
  }

  /** What a candidate's tasks come to: one rejected document rejects it. */
  public Outcome outcome(List<EvaluationTask> tasks) {
    for (EvaluationTask task : tasks) {
      if (evaluated(task) instanceof Evaluation.Rejected rejected) {
        return new Outcome.Rejection("document " + task.documentId() + ": " + rejected.reason());
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
  public void append(int number, int told, Proposal proposal) {
    append(new JournalEntry.Decided(Instant.now(), number, told, proposal));
  }

  private void append(JournalEntry entry) {
    try {
      FSDataOutputStream stream = out;
      if (stream == null) {
        stream = begin();
      } else if (run.exists(JournalSegment.name(own + 1))) {
        throw anotherProcess();
      }
      stream.write(JournalSegment.line(entry));
      finish(stream);
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

  /** Makes it last; where that takes closing the file, the next record begins another. */
  private void finish(FSDataOutputStream stream) throws IOException {
    if (stream.hasCapability(StreamCapabilities.HFLUSH)) {
      stream.hflush();
    } else {
      out = null;
      stream.close();
    }
  }

  /** What of a record was written is cut off there: the next append begins a segment anew. */
  private void abandonSegment() {
    IOUtils.closeStream(out);
    out = null;
    failed = true;
  }

  /**
   * The number after this process's own newest segment. A process that takes the run over makes
   * just that segment, so that nobody has to list the folder, which may hold one for each record.
   */
  private int nextOwn() {
    if (!failed) {
      return own + 1;
    }
    int next = JournalSegment.next(run);
    // An object store has nothing of a segment that could not be closed.
    if (next != own && next != own + 1) {
      throw anotherProcess();
    }
    failed = false;
    return next;
  }

  private FSDataOutputStream begin() throws IOException {
    FSDataOutputStream stream = create(nextOwn());
    stream.write(JournalSegment.head(entries.size()));
    return stream;
  }

  /** A new segment, which tells other processes whose the run is now. */
  private FSDataOutputStream create(int number) throws IOException {
    FSDataOutputStream stream = run.append(JournalSegment.name(number));
    own = number;
    out = stream;
    return stream;
  }

  private ExecutionFailure anotherProcess() {
    return new ExecutionFailure(
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
