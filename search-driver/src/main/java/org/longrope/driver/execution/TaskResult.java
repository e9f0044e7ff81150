package org.longrope.driver.execution;

import org.jspecify.annotations.Nullable;

/**
 * The end of a task.
 *
 * @param <R> the result of the task
 */
public sealed interface TaskResult<R> {
  ModelTask<R> task();

  /** Tells whether it was computed for this run: a result of the evaluation cache took no time. */
  boolean isLive();

  /**
   * The task was computed.
   *
   * @param computeType of weights and activations: f32, f16 or bf16
   * @param hardware that the last bits depend on, as {@link
   *     org.longrope.eval.decoder.ResidentModel#hardware} names it; null if that is not known
   * @param seconds of wall time on the worker; 0 if the evaluation cache had the result
   */
  record Completed<R>(
      ModelTask<R> task, R value, String computeType, @Nullable String hardware, double seconds)
      implements TaskResult<R> {
    @Override
    public boolean isLive() {
      return seconds > 0;
    }
  }

  /** The task has no result: the model failed on a device that works, or gave no number. */
  record Rejected<R>(ModelTask<R> task, String reason) implements TaskResult<R> {
    @Override
    public boolean isLive() {
      return true;
    }
  }
}
