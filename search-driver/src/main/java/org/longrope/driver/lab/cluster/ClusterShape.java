package org.longrope.driver.lab.cluster;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.longrope.eval.BadInputException;

/**
 * Number and size of the workers of a cluster.
 *
 * @param workers how many
 * @param coresPerWorker tasks that each worker runs at once
 * @param gpus that each worker hands out
 */
record ClusterShape(int workers, int coresPerWorker, GpuDiscovery gpus) {
  /** Shape of a cluster without a request. */
  static final ClusterShape DEFAULT = new ClusterShape(2, 1, GpuDiscovery.NONE);

  /**
   * Checks the numbers.
   *
   * @throws BadInputException if there is nothing to start
   */
  void check() {
    if (!(workers >= 1)) {
      throw BadInputException.of("--workers is %d: expected 1 or more.", workers);
    }
    if (!(coresPerWorker >= 1)) {
      throw BadInputException.of("--cores-per-worker is %d: expected 1 or more.", coresPerWorker);
    }
  }

  /** Returns the roles of its processes, the master first. */
  List<String> roles() {
    return Stream.concat(
            Stream.of(ClusterProcess.MASTER),
            IntStream.rangeClosed(1, workers).mapToObj(ClusterProcess::worker))
        .toList();
  }

  ClusterShape withWorkers(int number) {
    return new ClusterShape(number, coresPerWorker, gpus);
  }
}
