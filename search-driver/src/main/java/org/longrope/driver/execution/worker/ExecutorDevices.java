package org.longrope.driver.execution.worker;

import ai.djl.Device;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.Libtorch;

/**
 * The devices that this process, an executor of a cluster, computes on. They are told to the driver
 * when a model is first loaded onto them.
 */
public final class ExecutorDevices {
  private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();
  private static volatile @Nullable Consumer<String> listener;

  private ExecutorDevices() {}

  /** Sets who is told; nobody is in a process that is no executor of a cluster. */
  public static void listen(Consumer<String> newListener) {
    listener = newListener;
  }

  /**
   * Tells devices that a model is being loaded onto, and why GPUs are not used, if not yet told.
   *
   * @param threads that share the work on a CPU
   */
  public static void use(List<Device> devices, int threads) {
    Consumer<String> told = listener;
    if (told == null) {
      return;
    }
    String text = Libtorch.describe(devices, threads);
    if (TOLD.add(text)) {
      told.accept("device: " + text);
      if (!devices.get(0).isGpu()) {
        Libtorch.load().warnings().forEach(warning -> told.accept("warning: " + warning));
      }
    }
  }
}
