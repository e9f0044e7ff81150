package org.longrope.driver.execution;

/**
 * Where evaluations are done: the one seam between a search and what it runs on. For use by one
 * thread.
 */
public interface TaskExecutor {
  /** Takes on the tasks of a group and returns at once. */
  void submit(TaskGroup group);

  /**
   * Waits for the next answer: each task that was submitted is answered once, in any order.
   *
   * @throws ExecutionFailure if no more answers will come; those taken before hold
   * @throws IllegalStateException if nothing was submitted that has not been answered
   */
  Evaluation take();

  /** How many evaluations run at once just now; 0 while nothing is there to run them. */
  int slots();
}
