package org.longrope.driver.execution;

/** Evaluations cannot go on: one sentence says why, and what to mend before resuming. */
public final class ExecutionFailure extends IllegalStateException {
  private static final long serialVersionUID = 1;

  public ExecutionFailure(String sentence) {
    super(sentence);
  }
}
