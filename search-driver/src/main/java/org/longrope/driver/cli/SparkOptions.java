package org.longrope.driver.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.lab.cluster.DevelopmentCluster;
import org.longrope.eval.BadInputException;
import picocli.CommandLine.Option;

/** Options of commands that run on Spark. */
@Section(Section.EXECUTION)
final class SparkOptions {
  private static final String SECRET = "spark.authenticate.secret";

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark master. Default: the one of spark-submit, else local[*].")
  @Nullable String master;

  @Option(names = "--conf", paramLabel = "KEY=VALUE", description = "Spark property. Repeatable.")
  Map<String, String> conf = new LinkedHashMap<>();

  /** Returns the settings that files are opened with before Spark starts, or without it. */
  Configuration hadoop() {
    return settings().hadoop();
  }

  /** Returns the settings of Spark, with those of the default development cluster. */
  SparkSettings settings() {
    return settings(ClusterDirectory.defaultFolder());
  }

  /**
   * Returns the settings of Spark. If --master is the URL of a development cluster, its secret and
   * GPUs are added.
   *
   * @param cluster folder of the development cluster
   */
  SparkSettings settings(Path cluster) {
    if (conf.containsKey(SECRET)) {
      throw BadInputException.of(
          "--conf %s shows the secret to everyone on this host: expected %s.file with the name of a"
              + " file that you alone can read.",
          SECRET, SECRET);
    }
    Map<String, String> settings = new LinkedHashMap<>(conf);
    if (master != null && master.startsWith("spark://")) {
      new DevelopmentCluster(cluster)
          .status()
          .filter(status -> status.masterUrl().equals(master))
          .ifPresent(status -> status.applicationSettings().forEach(settings::putIfAbsent));
    }
    return new SparkSettings(master, settings);
  }
}
