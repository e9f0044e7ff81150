package org.longrope.driver.execution;

/** A result that is not a number that can be used, on a device that works. */
public final class TaskRejection extends RuntimeException {
  private static final long serialVersionUID = 1;

  public TaskRejection(String reason) {
    super(reason);
  }
}
