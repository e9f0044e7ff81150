package org.longrope.driver.execution.spark;

import java.util.Map;
import org.apache.spark.SparkConf;

/** Spark properties of a cluster, which the operator may override. */
final class ClusterDefaults {
  /**
   * Exclusion of single executors. An executor is a GPU: when one fails, the others of its host may
   * be healthy, so hosts are practically never excluded.
   */
  private static final Map<String, String> EXCLUSION =
      Map.of(
          "spark.task.maxFailures", "4",
          "spark.excludeOnFailure.enabled", "true",
          "spark.excludeOnFailure.timeout", "30m",
          "spark.excludeOnFailure.task.maxTaskAttemptsPerExecutor", "1",
          "spark.excludeOnFailure.task.maxTaskAttemptsPerNode", "3",
          "spark.excludeOnFailure.stage.maxFailedExecutorsPerNode", "1000",
          "spark.excludeOnFailure.application.maxFailedTasksPerExecutor", "2",
          "spark.excludeOnFailure.application.maxFailedExecutorsPerNode", "1000");

  /** Prometheus reads the driver's gauges at its UI, /metrics/prometheus. */
  private static final Map<String, String> METRICS =
      Map.of(
          "spark.metrics.conf.*.sink.prometheusServlet.class",
          "org.apache.spark.metrics.sink.PrometheusServlet",
          "spark.metrics.conf.*.sink.prometheusServlet.path",
          "/metrics/prometheus");

  private ClusterDefaults() {}

  /** Sets the properties that are not set. */
  static void set(SparkConf conf) {
    EXCLUSION.forEach(conf::setIfMissing);
    METRICS.forEach(conf::setIfMissing);
  }
}
