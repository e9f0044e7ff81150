package org.longrope.driver.execution.worker;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The models of this process that answer questions, one for each setup and set of GPUs: an executor
 * loads one at its first task and keeps it from task to task.
 */
public final class HostedModels {
  private static final Map<Place, HostedModel> MODELS = new ConcurrentHashMap<>();

  private HostedModels() {}

  private record Place(ModelSpec setup, Gpus gpus) {}

  /**
   * The model of this process, loaded at its first use.
   *
   * @throws ExecutorFault if it cannot be loaded here
   */
  public static HostedModel get(ModelSpec setup, Gpus gpus) {
    return MODELS.computeIfAbsent(new Place(setup, gpus), place -> start(setup, gpus));
  }

  private static HostedModel start(ModelSpec setup, Gpus gpus) {
    try {
      return HostedModel.start(setup, gpus.devices());
    } catch (ExecutorFault e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      throw new ExecutorFault("it cannot load the model: " + e.getMessage(), e);
    }
  }

  /** Closes the models of this process. */
  public static void close() {
    MODELS
        .values()
        .removeIf(
            model -> {
              model.close();
              return true;
            });
  }
}
