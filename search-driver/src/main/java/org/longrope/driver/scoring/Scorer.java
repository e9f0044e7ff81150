package org.longrope.driver.scoring;

import java.util.List;
import java.util.function.Consumer;

/** Where evaluations are done: the one seam between a search and what it runs on. */
@FunctionalInterface
public interface Scorer {
  /**
   * Evaluates all tasks and returns when each has been answered once.
   *
   * @param answers told every answer as soon as it is there, by one thread at a time, in any order
   * @throws RuntimeException if tasks cannot be done; answers given so far hold
   */
  void score(List<EvaluationTask> tasks, Consumer<Evaluation> answers);
}
