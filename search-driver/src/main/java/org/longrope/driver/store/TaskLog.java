package org.longrope.driver.store;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;

/** The results of tasks in a log. */
public interface TaskLog {
  /** Returns the results by their tasks, in the order of the log; grows as results are appended. */
  Map<ModelTask<?>, TaskResult<?>> results();

  /**
   * Appends a result; when this returns it outlives the machine. The first of two results of a task
   * counts.
   *
   * @param group that the task was submitted with
   * @throws java.io.UncheckedIOException if it cannot be written; it may be appended again
   */
  void append(TaskResult<?> result, TaskGroup group);

  /** Returns the result of a task; null if there is none. */
  @SuppressWarnings("unchecked") // a task has results of its own kind
  default <R> @Nullable TaskResult<R> result(ModelTask<R> task) {
    return (TaskResult<R>) results().get(task);
  }
}
