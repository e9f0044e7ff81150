package org.longrope.driver.run.replay;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.store.ResultLog;
import org.longrope.driver.store.TaskLog;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;

/** Every decision and every evaluation of a run, in the order in which they happened. */
public final class RunLog implements TaskLog, AutoCloseable {
  private static final String FOLDER = "journal";

  private final ResultLog<LogEntry> log;
  private final Map<ModelTask<?>, TaskResult<?>> results = new LinkedHashMap<>();

  private RunLog(ResultLog<LogEntry> log) {
    this.log = log;
    log.records().forEach(this::remember);
  }

  /**
   * Reads the log of a run; another process may write it at the same time.
   *
   * @param rescaling of a candidate of the search
   * @throws org.longrope.eval.BadInputException if a record is damaged or missing
   */
  public static RunLog open(RunDirectory run, Function<Candidate, Rescaling> rescaling) {
    return new RunLog(ResultLog.open(run.files(), FOLDER, new RunRecords(rescaling)));
  }

  /**
   * Takes a run over: a process that still works on it stops at its next record.
   *
   * @param rescaling of a candidate of the search
   * @throws org.longrope.eval.BadInputException if a record is damaged or missing; the run is left
   *     as it is then
   */
  public static RunLog claim(RunDirectory run, Function<Candidate, Rescaling> rescaling) {
    return new RunLog(ResultLog.claim(run.files(), FOLDER, new RunRecords(rescaling)));
  }

  private void remember(LogEntry entry) {
    if (entry instanceof LogEntry.Evaluated evaluated) {
      results.putIfAbsent(evaluated.task(), evaluated.result());
    }
  }

  /** Returns all records in their order; grows as records are appended. */
  public List<LogEntry> entries() {
    return log.records();
  }

  @Override
  public Map<ModelTask<?>, TaskResult<?>> results() {
    return Collections.unmodifiableMap(results);
  }

  /** Returns a view of the evaluations, which grows as they are appended. */
  public Evaluations evaluations() {
    return new Evaluations(this);
  }

  @Override
  @SuppressWarnings("unchecked") // a run has evaluations only
  public void append(TaskResult<?> result, TaskGroup group) {
    if (!results.containsKey(result.task())) {
      append(
          new LogEntry.Evaluated(
              Instant.now(),
              group.phase(),
              group.decision(),
              (EvaluationTask) result.task(),
              (TaskResult<DocumentScore>) result));
    }
  }

  /**
   * Appends the decision to try a candidate.
   *
   * @param told number of outcomes that the strategy knew
   */
  public void append(int number, int told, Proposal proposal) {
    append(new LogEntry.Decided(Instant.now(), number, told, proposal));
  }

  private void append(LogEntry entry) {
    log.append(entry);
    remember(entry);
  }

  @Override
  public void close() {
    log.close();
  }
}
