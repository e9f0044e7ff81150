package org.longrope.driver.execution;

/** The end of all evaluations: one sentence says why, and what to repair before resuming. */
public final class ExecutionFailure extends IllegalStateException {
  private static final long serialVersionUID = 1;

  public ExecutionFailure(String sentence) {
    super(sentence);
  }
}
