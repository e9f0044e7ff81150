package org.longrope.driver.execution.worker;

import org.jspecify.annotations.Nullable;

/**
 * An executor cannot evaluate: its GPU is lost, the model cannot be loaded there, memory is short.
 * No fault of the candidate's. Spark tries the task elsewhere and excludes an executor that goes on
 * like this.
 */
public final class ExecutorFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  public ExecutorFault(String sentence, @Nullable Throwable cause) {
    super(sentence, cause);
  }
}
