package org.longrope.driver.execution;

/**
 * Evaluations that have begun and are not answered.
 *
 * @param evaluations those whose progress is known
 * @param done the sum of the shares of them that are done, each 0 … 1
 */
public record TasksInProgress(int evaluations, double done) {
  public static final TasksInProgress NONE = new TasksInProgress(0, 0);

  /** Estimates what is left when one of them has been answered. */
  public TasksInProgress withoutOne() {
    return evaluations <= 1
        ? NONE
        : new TasksInProgress(evaluations - 1, done * (evaluations - 1) / evaluations);
  }
}
