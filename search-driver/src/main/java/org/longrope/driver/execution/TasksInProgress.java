package org.longrope.driver.execution;

/**
 * Tasks that are running.
 *
 * @param evaluations number of tasks whose progress is known
 * @param done the sum of the shares of them that are done, each 0 … 1
 */
public record TasksInProgress(int evaluations, double done) {
  public static final TasksInProgress NONE = new TasksInProgress(0, 0);

  /** Estimates the running tasks after one of them has ended. */
  public TasksInProgress withoutOne() {
    return evaluations <= 1
        ? NONE
        : new TasksInProgress(evaluations - 1, done * (evaluations - 1) / evaluations);
  }
}
