package org.longrope.driver.lab.cluster;

import org.jspecify.annotations.Nullable;

/**
 * Requested shape of a cluster. Null keeps the shape of the present cluster; without one it means
 * two workers of one core without GPUs.
 *
 * @param workers how many
 * @param coresPerWorker tasks that each worker runs at once
 * @param gpusPerWorker a number of GPUs, or fake:N for N addresses without a device behind them
 */
public record ClusterRequest(
    @Nullable Integer workers, @Nullable Integer coresPerWorker, @Nullable String gpusPerWorker) {

  ClusterShape over(ClusterShape present) {
    return new ClusterShape(
        workers == null ? present.workers() : workers,
        coresPerWorker == null ? present.coresPerWorker() : coresPerWorker,
        gpusPerWorker == null ? present.gpus() : GpuDiscovery.parse(gpusPerWorker));
  }
}
