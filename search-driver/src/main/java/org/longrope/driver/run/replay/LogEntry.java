package org.longrope.driver.run.replay;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.search.Proposal;

/** A record of a run's log. */
public sealed interface LogEntry {
  /** Returns when it was appended, by the driver's clock; no number depends on it. */
  Instant at();

  /**
   * A document was evaluated.
   *
   * @param phase purpose of the evaluation
   * @param decision number of the decision that asked for it; null for other phases than the search
   */
  record Evaluated(
      Instant at,
      String phase,
      @Nullable Integer decision,
      EvaluationTask task,
      TaskResult<DocumentScore> result)
      implements LogEntry {}

  /**
   * The search decided to try a candidate.
   *
   * @param number of the decision, from 0
   * @param told number of outcomes that the strategy knew: those that the records before this one
   *     complete
   * @param proposal candidate and documents
   */
  record Decided(Instant at, int number, int told, Proposal proposal) implements LogEntry {}
}
