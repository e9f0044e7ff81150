package org.longrope.driver.run.replay;

import java.util.List;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Outcome;

/**
 * What a candidate's documents say of it. Some of them stand for all by their difference to a
 * reference that was measured on all:
 *
 * <pre>
 *   ln PPL(candidate, all) ≈ ln PPL(reference, all) + ln PPL(candidate, some) − ln PPL(reference, some)
 * </pre>
 *
 * Documents differ much in level and little in what a rescaling does to them.
 */
public final class FitnessEstimator {
  private final Journal journal;
  private final List<EvaluationTask> reference;

  private FitnessEstimator(Journal journal, List<EvaluationTask> reference) {
    this.journal = journal;
    this.reference = List.copyOf(reference);
  }

  /** Where every candidate is scored on all documents. */
  public static FitnessEstimator exact(Journal journal) {
    return new FitnessEstimator(journal, List.of());
  }

  /**
   * @param reference a rescaling's on each of the search's documents, evaluated before anything is
   *     appraised
   */
  public static FitnessEstimator against(List<EvaluationTask> reference, Journal journal) {
    return new FitnessEstimator(journal, reference);
  }

  /** Of the tasks of one candidate, all evaluated. */
  public Outcome of(List<EvaluationTask> tasks) {
    Outcome outcome = journal.outcome(tasks);
    if (reference.isEmpty()
        || tasks.size() == reference.size()
        || !(outcome instanceof Outcome.Fitness fitness)) {
      return outcome;
    }
    Rescaling other = reference.get(0).rescaling();
    List<EvaluationTask> same =
        tasks.stream()
            .map(task -> new EvaluationTask(other, task.documentId(), task.protocol()))
            .toList();
    double level = journal.perplexity(reference) / journal.perplexity(same);
    return Outcome.of(fitness.perplexity() * level);
  }
}
