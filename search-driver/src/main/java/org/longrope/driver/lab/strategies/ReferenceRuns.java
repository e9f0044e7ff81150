package org.longrope.driver.lab.strategies;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The reference's searches of a problem, by which others are measured. One costs ten of the others
 * and more, so there may be fewer of them.
 *
 * @param trials none or more, one a seed
 */
record ReferenceRuns(List<RunResult> trials) {
  ReferenceRuns {
    trials = List.copyOf(trials);
  }

  static ReferenceRuns of(List<RunResult> trials, String problem, String reference) {
    return new ReferenceRuns(
        trials.stream()
            .filter(one -> one.problem().equals(problem) && one.strategy().equals(reference))
            .toList());
  }

  /**
   * By which a search with that seed is measured: the reference's search with it; where there is
   * none, that which ended lowest, which is the hardest to beat. Empty without any.
   */
  Optional<RunResult> of(int seed) {
    return trials.stream()
        .filter(trial -> trial.seed() == seed)
        .findFirst()
        .or(() -> trials.stream().min(Comparator.comparingDouble(RunResult::finalPerplexity)));
  }
}
