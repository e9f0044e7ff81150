package org.longrope.driver.run.replay;

import java.util.List;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.replay.CandidateTasks.WindowTerm;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Outcome;

/**
 * Estimate of a candidate's perplexity on all documents from those that it was evaluated on, by
 * their difference to a reference that was evaluated on all:
 *
 * <pre>
 *   ln PPL(candidate, all) ≈ ln PPL(reference, all) + ln PPL(candidate, some) − ln PPL(reference, some)
 * </pre>
 *
 * Documents differ much in level and little in what a rescaling does to them.
 */
public final class FitnessEstimator {
  private final Evaluations evaluations;
  private final List<EvaluationTask> reference;

  private FitnessEstimator(Evaluations evaluations, List<EvaluationTask> reference) {
    this.evaluations = evaluations;
    this.reference = List.copyOf(reference);
  }

  /** Makes the estimator of a search that evaluates every candidate on all documents. */
  public static FitnessEstimator exact(Evaluations evaluations) {
    return new FitnessEstimator(evaluations, List.of());
  }

  /**
   * Makes an estimator by a reference.
   *
   * @param reference evaluations of one rescaling on each of the search's documents, made before
   *     anything is estimated
   */
  public static FitnessEstimator against(List<EvaluationTask> reference, Evaluations evaluations) {
    return new FitnessEstimator(evaluations, reference);
  }

  /** Estimates the outcome of a candidate from its tasks, all of them evaluated. */
  public Outcome of(CandidateTasks tasks) {
    Outcome objective = ofObjective(tasks.objective());
    WindowTerm window = tasks.window();
    if (window == null || objective instanceof Outcome.Rejection) {
      return objective;
    }
    Outcome scaled = evaluations.outcome(window.scaled());
    if (scaled instanceof Outcome.Rejection) {
      return scaled;
    }
    if (objective instanceof Outcome.Gradient gradient && scaled instanceof Outcome.Gradient own) {
      return gradient.plus(window.weight(), own.byQueryScales());
    }
    double change =
        evaluations.perplexity(window.scaled()) / evaluations.perplexity(window.unscaled());
    return Outcome.of(
        ((Outcome.Fitness) objective).perplexity() * StrictMath.pow(change, window.weight()));
  }

  private Outcome ofObjective(List<EvaluationTask> tasks) {
    Outcome outcome = evaluations.outcome(tasks);
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
    double level = evaluations.perplexity(reference) / evaluations.perplexity(same);
    return Outcome.of(fitness.perplexity() * level);
  }
}
