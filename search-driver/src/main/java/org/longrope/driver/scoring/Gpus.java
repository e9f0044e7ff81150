package org.longrope.driver.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;
import org.jspecify.annotations.Nullable;

/**
 * The GPUs that a task owns, as Spark's resource scheduling gave them.
 *
 * @param addresses indices among the GPUs of the process; empty if Spark schedules none, and then
 *     whatever libtorch finds is used
 */
record Gpus(List<String> addresses) {
  static final Gpus ANY = new Gpus(List.of());

  /** What a discovery script prints for a GPU that is not there: such a task runs on the CPU. */
  private static final String FAKE = "fake-";

  Gpus {
    addresses = List.copyOf(addresses);
  }

  /** Those among a task's resources. */
  static Gpus of(Map<String, ResourceInformation> resources) {
    ResourceInformation gpus = resources.get("gpu");
    return gpus == null ? ANY : new Gpus(List.of(gpus.addresses()));
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
