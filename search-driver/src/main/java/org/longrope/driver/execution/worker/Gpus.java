package org.longrope.driver.execution.worker;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.Libtorch;

/**
 * The GPUs that Spark's resource scheduling has assigned to a task.
 *
 * @param addresses indices among the GPUs of the host; empty if Spark schedules no GPUs: then the
 *     task uses all that libtorch finds
 */
public record Gpus(List<String> addresses) {
  /** All GPUs that libtorch finds. */
  public static final Gpus ANY = new Gpus(List.of());

  /** Prefix that a discovery script prints for a simulated GPU: such a task runs on the CPU. */
  private static final String FAKE = "fake-";

  public Gpus {
    addresses = List.copyOf(addresses);
  }

  /** Selects the GPUs among a task's resources. */
  public static Gpus of(Map<String, ResourceInformation> resources) {
    ResourceInformation gpus = resources.get("gpu");
    return gpus == null ? ANY : new Gpus(List.of(gpus.addresses()));
  }

  /**
   * Returns the devices to compute on: all that libtorch finds if Spark schedules no GPUs, and the
   * CPU for simulated ones.
   *
   * @throws ExecutorFault if libtorch does not find one of the GPUs
   */
  public List<Device> devices() {
    if (any()) {
      return Libtorch.devices();
    }
    if (fake()) {
      return List.of(Device.cpu());
    }
    List<Device> found = Libtorch.devices();
    int count = found.get(0).isGpu() ? found.size() : 0;
    List<Integer> indices = indices(System.getenv("CUDA_VISIBLE_DEVICES"));
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

  boolean any() {
    return addresses.isEmpty();
  }

  boolean fake() {
    return !any() && addresses.stream().allMatch(address -> address.startsWith(FAKE));
  }

  /**
   * Converts the addresses to libtorch's indices, which count only the GPUs of
   * CUDA_VISIBLE_DEVICES.
   *
   * @param visible the value of that variable; null or empty if all GPUs of the host are visible
   * @throws ExecutorFault if an address is not among the visible GPUs
   */
  List<Integer> indices(@Nullable String visible) {
    List<String> shown =
        visible == null || visible.isBlank()
            ? List.of()
            : List.of(visible.trim().split("\\s*,\\s*"));
    List<Integer> indices = new ArrayList<>();
    for (String address : addresses) {
      int index =
          shown.isEmpty() && address.matches("\\d{1,4}")
              ? Integer.parseInt(address)
              : shown.indexOf(address);
      if (index < 0) {
        throw new ExecutorFault(
            "Spark gave it GPU "
                + address
                + (shown.isEmpty() ? "" : " and CUDA_VISIBLE_DEVICES is " + visible)
                + ": expected an address as conf/gpu-discovery.sh prints them",
            null);
      }
      indices.add(index);
    }
    return indices;
  }
}
