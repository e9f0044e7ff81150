package org.longrope.driver.execution;

/**
 * Executes tasks: the one seam between what is measured and where it runs. For use by one thread.
 */
public interface TaskExecutor {
  /** Accepts the tasks of a group and returns at once. */
  void submit(TaskGroup group);

  /**
   * Waits for the next result. Each submitted task has one result, in any order.
   *
   * @throws ExecutionFailure if no more results will come; those taken before are valid
   * @throws IllegalStateException if every submitted task has been answered
   */
  TaskResult<?> take();

  /** Returns the number of tasks that run at once now; 0 while there is no executor. */
  int slots();
}
