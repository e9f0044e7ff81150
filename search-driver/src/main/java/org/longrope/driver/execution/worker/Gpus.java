package org.longrope.driver.execution.worker;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.Libtorch;

/**
 * The GPUs that a task owns, as Spark's resource scheduling gave them.
 *
 * @param addresses indices among the GPUs of the process; empty if Spark schedules none, and then
 *     whatever libtorch finds is used
 */
public record Gpus(List<String> addresses) {
  public static final Gpus ANY = new Gpus(List.of());

  /** What a discovery script prints for a GPU that is not there: such a task runs on the CPU. */
  private static final String FAKE = "fake-";

  public Gpus {
    addresses = List.copyOf(addresses);
  }

  /** Those among a task's resources. */
  public static Gpus of(Map<String, ResourceInformation> resources) {
    ResourceInformation gpus = resources.get("gpu");
    return gpus == null ? ANY : new Gpus(List.of(gpus.addresses()));
  }

  /**
   * The devices to compute on: all that libtorch finds where Spark schedules none, the CPU for
   * addresses without a GPU behind them.
   *
   * @throws ExecutorFault if libtorch does not see one of the GPUs
   */
  public List<Device> devices() {
    if (any()) {
      return Libtorch.devices();
    }
    if (fake()) {
      return List.of(Device.cpu());
    }
    List<Device> seen = Libtorch.devices();
    int count = seen.get(0).isGpu() ? seen.size() : 0;
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
   * The addresses as libtorch counts: among the GPUs of CUDA_VISIBLE_DEVICES where that hides some.
   *
   * @param visible that variable; null or empty if all GPUs of the host are
   * @throws ExecutorFault if one is not among them
   */
  List<Integer> indices(@Nullable String visible) {
    List<String> seen =
        visible == null || visible.isBlank()
            ? List.of()
            : List.of(visible.trim().split("\\s*,\\s*"));
    List<Integer> indices = new ArrayList<>();
    for (String address : addresses) {
      int index =
          seen.isEmpty() && address.matches("\\d{1,4}")
              ? Integer.parseInt(address)
              : seen.indexOf(address);
      if (index < 0) {
        throw new ExecutorFault(
            "Spark gave it GPU "
                + address
                + (seen.isEmpty() ? "" : " and CUDA_VISIBLE_DEVICES is " + visible)
                + ": expected an address as conf/gpu-discovery.sh prints them",
            null);
      }
      indices.add(index);
    }
    return indices;
  }
}
