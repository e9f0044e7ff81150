package org.longrope.driver.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.spark.SparkSettings;
import picocli.CommandLine.Option;

/** Options of commands that run on Spark. */
final class SparkOptions {
  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark master; default: spark-submit's, else local[*].")
  @Nullable String master;

  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "A Spark property; may be given again.")
  Map<String, String> conf = new LinkedHashMap<>();

  SparkSettings settings() {
    return new SparkSettings(master, conf);
  }
}
