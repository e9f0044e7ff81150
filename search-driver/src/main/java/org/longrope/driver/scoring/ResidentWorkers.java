package org.longrope.driver.scoring;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;

/**
 * The workers of this process, one for each setup and set of GPUs: an executor loads a model at its
 * first task and keeps it from task to task. A setup names its model by content.
 */
public final class ResidentWorkers {
  private static final Map<Place, EvaluationWorker> WORKERS = new ConcurrentHashMap<>();

  private ResidentWorkers() {}

  private record Place(WorkerSetup setup, Gpus gpus) {}

  /**
   * The worker of this process, started at its first use.
   *
   * @throws ExecutorFault if it cannot be started here
   */
  static EvaluationWorker get(WorkerSetup setup, Gpus gpus) {
    return WORKERS.computeIfAbsent(new Place(setup, gpus), place -> start(setup, gpus));
  }

  private static EvaluationWorker start(WorkerSetup setup, Gpus gpus) {
    try {
      return EvaluationWorker.start(setup, devices(gpus));
    } catch (ExecutorFault e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      throw new ExecutorFault("it cannot load the model: " + e.getMessage(), e);
    }
  }

  private static List<Device> devices(Gpus gpus) {
    if (gpus.any()) {
      return Libtorch.devices();
    }
    if (gpus.fake()) {
      return List.of(Device.cpu());
    }
    List<Device> seen = Libtorch.devices();
    int count = seen.get(0).isGpu() ? seen.size() : 0;
    List<Integer> indices = gpus.indices(System.getenv("CUDA_VISIBLE_DEVICES"));
    for (int index : indices) {
      if (index >= count) {
        throw new ExecutorFault(
            String.format(
                "Spark gave it GPU %d and libtorch sees %d: expected libtorch with CUDA at"
                    + " PYTORCH_LIBRARY_PATH, and a driver that works",
                index, count),
            null);
      }
    }
    return indices.stream().map(Device::gpu).toList();
  }

  /** Gives up a worker whose device failed: the next task starts anew, or fails for good. */
  static void discard(EvaluationWorker worker) {
    if (WORKERS.values().remove(worker)) {
      worker.close();
    }
  }

  /** The model that this process's tasks of the setup are answered with; loaded at first use. */
  public static ResidentModel model(WorkerSetup setup) {
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
