package org.longrope.driver.execution.worker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.longrope.eval.decoder.ResidentModel;

/**
 * The workers of this process, one for each setup and set of GPUs: an executor loads a model at its
 * first task and keeps it from task to task. A setup names its model by content.
 */
public final class ResidentWorkers {
  private static final Map<Place, EvaluationWorker> WORKERS = new ConcurrentHashMap<>();

  private ResidentWorkers() {}

  private record Place(WorkerSpec setup, Gpus gpus) {}

  /**
   * The worker of this process, started at its first use.
   *
   * @throws ExecutorFault if it cannot be started here
   */
  public static EvaluationWorker get(WorkerSpec setup, Gpus gpus) {
    return WORKERS.computeIfAbsent(new Place(setup, gpus), place -> start(setup, gpus));
  }

  private static EvaluationWorker start(WorkerSpec setup, Gpus gpus) {
    try {
      return EvaluationWorker.start(setup, gpus.devices());
    } catch (ExecutorFault e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      throw new ExecutorFault("it cannot load the model: " + e.getMessage(), e);
    }
  }

  /** Gives up a worker whose device failed: the next task starts anew, or fails for good. */
  public static void discard(EvaluationWorker worker) {
    if (WORKERS.values().remove(worker)) {
      worker.close();
    }
  }

  /** The model that this process's tasks of the setup are answered with; loaded at first use. */
  public static ResidentModel model(WorkerSpec setup) {
    return get(setup, Gpus.ANY).model();
  }

  /** Ends the workers of this process. */
  public static void close() {
    WORKERS
        .values()
        .removeIf(
            worker -> {
              worker.close();
              return true;
            });
  }
}
