package org.longrope.driver.execution;

import java.io.Serializable;
import org.longrope.driver.execution.spark.ExecutorName;

/** What an executor sends back for a task. */
public sealed interface Answer extends Serializable {
  EvaluationTask task();

  /**
   * The task was evaluated.
   *
   * @param loadSeconds that loading the model took this executor before its first task; 0 for later
   *     ones
   */
  record Done(Evaluation evaluation, double loadSeconds) implements Answer {
    @Override
    public EvaluationTask task() {
      return evaluation.task();
    }
  }

  /**
   * The task was stopped at its deadline.
   *
   * @param executor where, as {@link ExecutorName} has it
   */
  record TimedOut(EvaluationTask task, double deadlineSeconds, String executor) implements Answer {}

  /** The task was not begun, because it is to be tried on another executor. */
  record Declined(EvaluationTask task) implements Answer {}
}
