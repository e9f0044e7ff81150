package org.longrope.driver.run.replay;

import java.time.Instant;
import org.longrope.driver.execution.Evaluation;
import org.longrope.search.Proposal;

/** What a journal records, in the order in which it happened. */
public sealed interface JournalEntry {
  /** When it happened, by the driver's clock; no number depends on it. */
  Instant at();

  /**
   * A task was answered.
   *
   * @param phase what for
   */
  record Evaluated(Instant at, Evaluation evaluation, String phase) implements JournalEntry {}

  /**
   * The search decided to try a candidate.
   *
   * @param number of the decision, from 0
   * @param told what the decision had seen: the outcomes of the candidates that the records before
   *     this one complete, so many
   * @param proposal what it is, and on which documents
   */
  record Decided(Instant at, int number, int told, Proposal proposal) implements JournalEntry {}
}
