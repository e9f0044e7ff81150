package org.longrope.driver.lab.strategies;

import java.util.function.Consumer;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.worker.WorkerSpec;

/** Evaluators for one search after the other, each with its model and documents. */
@FunctionalInterface
public interface ProblemExecutors {
  /**
   * Has evaluators for as long as the work with them takes.
   *
   * @param limits what is put up with
   * @param slowestSeconds what an evaluation took at most so far; 0 if that is not known
   */
  void with(
      WorkerSpec setup, FaultTolerance limits, double slowestSeconds, Consumer<TaskExecutor> work);
}
