package org.longrope.driver.lab.strategies;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Runs of the reference on a problem, with which others are compared. One may cost ten times as
 * much as another run, so there may be fewer of them.
 *
 * @param results none or more, one for each seed
 */
record ReferenceRuns(List<RunResult> results) {
  ReferenceRuns {
    results = List.copyOf(results);
  }

  static ReferenceRuns of(List<RunResult> results, String problem, String reference) {
    return new ReferenceRuns(
        results.stream()
            .filter(one -> one.problem().equals(problem) && one.strategy().equals(reference))
            .toList());
  }

  /**
   * Returns the run to compare with a seed: that of the same seed, else the one with the lowest
   * final perplexity, which is the hardest to beat. Empty if there is none.
   */
  Optional<RunResult> of(int seed) {
    return results.stream()
        .filter(result -> result.seed() == seed)
        .findFirst()
        .or(() -> results.stream().min(Comparator.comparingDouble(RunResult::finalPerplexity)));
  }
}
