package org.longrope.driver.run;

import java.util.LinkedHashSet;
import java.util.List;
import org.longrope.driver.scoring.EvaluationTask;
import org.longrope.driver.scoring.Scorer;

/** A scorer that evaluates only what the journal lacks and journals every answer as it comes. */
final class JournalledScorer {
  private final Scorer scorer;
  private final Journal journal;
  private final RunListener listener;
  private final long planned;
  private long done;

  /**
   * @param planned evaluations of the whole run, for the time to go
   */
  JournalledScorer(Scorer scorer, Journal journal, RunListener listener, long planned) {
    this.scorer = scorer;
    this.journal = journal;
    this.listener = listener;
    this.planned = planned;
  }

  Journal journal() {
    return journal;
  }

  /**
   * Evaluates what is not in the journal yet.
   *
   * @param phase says in the journal what for
   */
  void score(List<EvaluationTask> tasks, String phase) {
    LinkedHashSet<EvaluationTask> missing = new LinkedHashSet<>(tasks);
    missing.removeAll(journal.evaluations().keySet());
    scorer.score(
        List.copyOf(missing),
        evaluation -> {
          journal.append(evaluation, phase);
          done++;
          listener.evaluation(done, Math.max(0, planned - journal.evaluations().size()));
        });
  }
}
