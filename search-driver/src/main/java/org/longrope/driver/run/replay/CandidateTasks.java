package org.longrope.driver.run.replay;

import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.EvaluationTask;

/**
 * Evaluations that decide the outcome of a candidate.
 *
 * @param objective evaluations of the candidate by the objective of the search
 * @param window what its query scales do at the original window; null without query scales
 */
public record CandidateTasks(List<EvaluationTask> objective, @Nullable WindowTerm window) {
  /**
   * Evaluations at the original window without rescaling, where query scales hold too. The ratio of
   * both perplexities, to the power of the weight, multiplies that of the objective.
   *
   * @param scaled with the candidate's query scales
   * @param unscaled without, on the same documents
   */
  public record WindowTerm(
      List<EvaluationTask> scaled, List<EvaluationTask> unscaled, double weight) {
    public WindowTerm {
      scaled = List.copyOf(scaled);
      unscaled = List.copyOf(unscaled);
    }
  }

  public CandidateTasks {
    objective = List.copyOf(objective);
  }

  /** Returns all evaluations, each once, the objective's last. */
  public List<EvaluationTask> all() {
    return window == null
        ? objective
        : Stream.of(window.unscaled(), window.scaled(), objective)
            .flatMap(List::stream)
            .distinct()
            .toList();
  }
}
