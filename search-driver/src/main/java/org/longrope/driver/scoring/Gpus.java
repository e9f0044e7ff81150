package org.longrope.driver.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.resource.ResourceInformation;

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
   * The addresses as libtorch counts.
   *
   * @throws ExecutorFault if one is no number
   */
  List<Integer> indices() {
    List<Integer> indices = new ArrayList<>();
    for (String address : addresses) {
      try {
        indices.add(Integer.parseInt(address));
      } catch (NumberFormatException e) {
        throw new ExecutorFault(
            "Spark gave it GPU \""
                + address
                + "\": expected a discovery script that prints indices, as conf/gpu-discovery.sh"
                + " does",
            e);
      }
    }
    return indices;
  }
}
