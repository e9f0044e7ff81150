package org.longrope.driver.execution.spark;

import java.util.Map;
import org.apache.spark.SparkConf;

/** What Spark is told of a cluster unless the operator says otherwise. */
final class ClusterDefaults {
  /**
   * An executor is a GPU, and one that fails is to be left alone without its host, where others may
   * be well: it is excluded by itself, and a host never is as long as Spark lets us say so.
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

  static void set(SparkConf conf) {
    EXCLUSION.forEach(conf::setIfMissing);
    METRICS.forEach(conf::setIfMissing);
  }
}
