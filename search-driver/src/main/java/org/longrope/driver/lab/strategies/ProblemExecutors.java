package org.longrope.driver.lab.strategies;

import java.util.function.Consumer;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.worker.WorkerSpec;

/** Source of task executors, one after the other, each with its model and documents. */
@FunctionalInterface
public interface ProblemExecutors {
  /**
   * Opens an executor for some work and closes it afterwards.
   *
   * @param limits fault tolerance of the executor
   * @param slowestSeconds longest time of an evaluation so far; 0 if it is not known
   */
  void with(
      WorkerSpec setup, FaultTolerance limits, double slowestSeconds, Consumer<TaskExecutor> work);
}
