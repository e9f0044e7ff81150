package org.longrope.driver.laboratory;

import java.util.function.Consumer;
import org.longrope.driver.scoring.Limits;
import org.longrope.driver.scoring.Scorer;
import org.longrope.driver.scoring.WorkerSetup;

/** Evaluators for one search after the other, each with its model and documents. */
@FunctionalInterface
public interface Scorers {
  /**
   * Has evaluators for as long as the work with them takes.
   *
   * @param limits what is put up with
   * @param slowestSeconds what an evaluation took at most so far; 0 if that is not known
   */
  void with(WorkerSetup setup, Limits limits, double slowestSeconds, Consumer<Scorer> work);
}
