package org.longrope.driver.execution.worker;

import org.jspecify.annotations.Nullable;

/**
 * A fault of an executor, not of the candidate: its GPU is lost, the model cannot be loaded there,
 * or memory is short. Spark retries the task on another executor and excludes an executor that
 * fails repeatedly.
 */
public final class ExecutorFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * Creates a fault.
   *
   * @param sentence continues "the executor cannot evaluate: "
   */
  public ExecutorFault(String sentence, @Nullable Throwable cause) {
    super(sentence, cause);
  }
}
