package org.longrope.driver.execution;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Function;

/** Executes tasks in the calling thread, without Spark, one at a time in their order. */
public final class LocalTaskExecutor implements TaskExecutor {
  private final Function<ModelTask<?>, TaskResult<?>> execute;
  private final Queue<ModelTask<?>> waiting = new ArrayDeque<>();

  /**
   * Executes tasks by a function.
   *
   * @param execute computes the result of a task
   */
  public LocalTaskExecutor(Function<ModelTask<?>, TaskResult<?>> execute) {
    this.execute = execute;
  }

  @Override
  public void submit(TaskGroup group) {
    waiting.addAll(group.tasks());
  }

  @Override
  public TaskResult<?> take() {
    ModelTask<?> task = waiting.poll();
    if (task == null) {
      throw new IllegalStateException("Every submitted task has been answered");
    }
    return execute.apply(task);
  }

  @Override
  public int slots() {
    return 1;
  }
}
