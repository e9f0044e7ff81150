package org.longrope.driver.measure.benchmark;

import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * Plan of a benchmark.
 *
 * @param shots solved examples before each question
 * @param limit number of questions of each subject, drawn by the seed; null for all
 * @param seed of shots and questions
 */
public record TaskPlan(Benchmark benchmark, int shots, @Nullable Integer limit, long seed) {
  /**
   * Checks the numbers.
   *
   * @throws BadInputException if the benchmark cannot have so many shots
   */
  public TaskPlan {
    if (!(shots >= 0)) {
      throw BadInputException.of("--shots %s=%d: expected 0 or more shots.", benchmark, shots);
    }
    if (benchmark == Benchmark.TRUTHFULQA_MC2 && shots > 0) {
      throw BadInputException.of(
          "--shots %s=%d: expected 0, because it has one fixed prompt and no examples.",
          benchmark, shots);
    }
    if (limit != null && !(limit >= 1)) {
      throw BadInputException.of("--limit is %d: expected 1 or more questions.", limit);
    }
  }
}
