package org.longrope.driver.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.execution.spark.SparkSettings;
import picocli.CommandLine.Option;

/** Options of commands that open files and run without Spark. */
@Section(Section.EXECUTION)
final class HadoopOptions {
  @Option(
      names = "--conf",
      paramLabel = "KEY=VALUE",
      description = "Hadoop setting as a Spark property, spark.hadoop.KEY=VALUE. Repeatable.")
  Map<String, String> conf = new LinkedHashMap<>();

  /** Returns the settings that files are opened with. */
  Configuration hadoop() {
    return new SparkSettings(null, conf).hadoop();
  }
}
