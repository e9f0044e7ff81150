package org.longrope.driver.execution.worker;

import ai.djl.Device;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.Libtorch;

/**
 * The devices that this process computes on if it is an executor of a cluster. They are reported to
 * the driver when a model is first loaded onto them.
 */
public final class ExecutorDevices {
  private static final Set<String> REPORTED = ConcurrentHashMap.newKeySet();
  private static volatile @Nullable Consumer<String> listener;

  private ExecutorDevices() {}

  /** Sets the receiver of reports; without one, as in the driver, there are no reports. */
  public static void listen(Consumer<String> newListener) {
    listener = newListener;
  }

  /**
   * Reports devices that a model is being loaded onto, and why GPUs are not used, once each.
   *
   * @param threads that share the work on a CPU
   */
  public static void use(List<Device> devices, int threads) {
    Consumer<String> receiver = listener;
    if (receiver == null) {
      return;
    }
    String text = Libtorch.describe(devices, threads);
    if (REPORTED.add(text)) {
      receiver.accept("device: " + text);
      if (!devices.get(0).isGpu()) {
        Libtorch.load().warnings().forEach(warning -> receiver.accept("warning: " + warning));
      }
    }
  }
}
