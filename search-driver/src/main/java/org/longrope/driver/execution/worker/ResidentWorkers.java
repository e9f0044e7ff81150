package org.longrope.driver.execution.worker;

/** Access to the workers of this process; see {@link EvaluationWorker#get}. */
public final class ResidentWorkers {
  private ResidentWorkers() {}

  /**
   * Returns a worker of this process.
   *
   * @throws ExecutorFault if its model or partition cannot be loaded here
   */
  public static EvaluationWorker get(WorkerSpec spec, Gpus gpus) {
    return EvaluationWorker.get(spec, gpus);
  }
}
