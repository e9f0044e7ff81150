package org.longrope.driver.execution.spark;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** Outcome of one attempt at a task, as an executor sends it to the driver. */
sealed interface TaskAttempt extends Serializable {
  /**
   * The task was computed.
   *
   * @param result of the task
   * @param seconds of wall time
   * @param loadSeconds that loading the model took this executor before its first task; 0 for later
   *     tasks
   */
  record Completed(
      Object result,
      String computeType,
      @Nullable String hardware,
      double seconds,
      double loadSeconds)
      implements TaskAttempt {}

  /** The model gave no result on a device that works. */
  record Rejected(String reason) implements TaskAttempt {}

  /**
   * The task was stopped at its deadline.
   *
   * @param executor that stopped it, as {@link ExecutorName} names it
   */
  record TimedOut(double deadlineSeconds, String executor) implements TaskAttempt {}

  /** The task was not started, because it is to be tried on another executor. */
  record Declined() implements TaskAttempt {}
}
