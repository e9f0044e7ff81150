package org.longrope.driver.execution.worker;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;

/**
 * The models of this process. A model is loaded by the first task that names it and stays loaded
 * for all later tasks, whatever documents they read. Models are known by their content, not by
 * where their files are.
 *
 * <p>Several models may be loaded at once while they fit. If a further one does not fit, the least
 * recently used models that no task uses at that moment are closed before it is loaded. A GPU
 * itself says what does not fit. On a CPU it is computed: an allocation beyond the machine's memory
 * would not fail but end the process.
 */
public final class ResidentModels {
  private static final ResidentModels OF_PROCESS =
      new ResidentModels(ResidentModels::onto, totalMemoryBytes());

  /** All that the loaded weights and their placement depend on. */
  private record Key(
      String modelHash, AttentionWindow window, int longestWindow, List<Device> devices) {}

  private record Resident(LoadedModel model, List<Device> devices, long bytes) {}

  /** Loads a verified checkpoint onto devices. */
  interface Loader {
    LoadedModel load(
        Checkpoint checkpoint, AttentionWindow window, int longestWindow, List<Device> devices);
  }

  private final LoadingCache<Key, Resident> models =
      new LoadingCache<>(resident -> 0, Long.MAX_VALUE);
  private final Loader loader;
  private final long memoryBytes;
  private final AtomicInteger threads = new AtomicInteger();

  /**
   * Creates an empty registry.
   *
   * @param memoryBytes that models on the CPU may take together
   */
  ResidentModels(Loader loader, long memoryBytes) {
    this.loader = loader;
    this.memoryBytes = memoryBytes;
  }

  /**
   * Returns the model of this process, loaded at its first use.
   *
   * @throws ExecutorFault if it cannot be loaded here
   */
  public static LoadedModel get(ModelSpec spec, Gpus gpus) {
    return OF_PROCESS.model(spec, gpus);
  }

  /** Closes a model whose device failed: the next task loads it again, or fails for good. */
  public static void discard(LoadedModel model) {
    OF_PROCESS.remove(model);
  }

  /** Closes all models of this process. */
  public static void close() {
    OF_PROCESS.closeAll();
  }

  LoadedModel model(ModelSpec spec, Gpus gpus) {
    try {
      List<Device> devices = gpus.devices();
      AttentionWindow window = AttentionWindow.parse(spec.attentionWindow());
      Key key = new Key(spec.modelHash(), window, spec.longestWindow(), devices);
      LoadedModel model = models.get(key, () -> load(spec, key)).model();
      useThreads(spec.threads());
      return model;
    } catch (ExecutorFault e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      throw new ExecutorFault("it cannot load the model: " + e.getMessage(), e);
    }
  }

  void remove(LoadedModel model) {
    for (Resident resident : models.loaded()) {
      if (resident.model() == model && models.remove(resident)) {
        model.close();
      }
    }
  }

  void closeAll() {
    models.loaded().forEach(resident -> remove(resident.model()));
  }

  private Resident load(ModelSpec spec, Key key) {
    long begin = System.nanoTime();
    threads.set(0);
    useThreads(spec.threads());
    ExecutorDevices.use(key.devices(), spec.threads());
    Checkpoint checkpoint =
        ModelCache.ofHost().open(spec.model(), spec.modelHash(), spec.hadoop().configuration());
    RequiredHash.check(spec.model(), spec.modelHash(), checkpoint.sha256());
    EvaluationCost cost =
        EvaluationCost.of(checkpoint.config(), key.window(), DType.F32, false, key.longestWindow());
    makeRoom(cost, key.devices());
    LoadedModel model = load(checkpoint, key);
    model.loadedIn((System.nanoTime() - begin) * 1e-9);
    return new Resident(model, key.devices(), cost.weightBytes());
  }

  private void useThreads(int count) {
    if (threads.getAndSet(count) != count) {
      Libtorch.useThreads(count);
    }
  }

  /** Closes idle models on the CPU until the arithmetic allows for another. */
  private void makeRoom(EvaluationCost cost, List<Device> devices) {
    long needed = cost.weightBytes() + cost.passBytes();
    boolean tight = !devices.get(0).isGpu() && needed + bytesOn(devices) > memoryBytes;
    while (tight && closeAnIdleOne(devices)) {
      tight = needed + bytesOn(devices) > memoryBytes;
    }
  }

  private long bytesOn(List<Device> devices) {
    return models.loaded().stream()
        .filter(resident -> !Collections.disjoint(resident.devices(), devices))
        .mapToLong(Resident::bytes)
        .sum();
  }

  private LoadedModel load(Checkpoint checkpoint, Key key) {
    while (true) {
      try {
        return loader.load(checkpoint, key.window(), key.longestWindow(), key.devices());
      } catch (RuntimeException e) {
        if (!closeAnIdleOne(key.devices())) {
          throw e;
        }
      }
    }
  }

  /**
   * Closes the least recently used idle model on one of the devices; returns whether it found one.
   */
  private boolean closeAnIdleOne(List<Device> devices) {
    for (Resident resident : models.loaded()) {
      if (!Collections.disjoint(resident.devices(), devices) && resident.model().closeIfIdle()) {
        models.remove(resident);
        return true;
      }
    }
    return false;
  }

  private static LoadedModel onto(
      Checkpoint checkpoint, AttentionWindow window, int longestWindow, List<Device> devices) {
    return new LoadedModel(
        ResidentModel.load(checkpoint, window, longestWindow, devices), checkpoint.directory());
  }

  private static long totalMemoryBytes() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }
}
