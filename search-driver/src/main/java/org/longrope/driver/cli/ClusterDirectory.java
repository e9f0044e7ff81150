package org.longrope.driver.cli;

import java.nio.file.Path;
import org.longrope.driver.lab.cluster.DevelopmentCluster;
import picocli.CommandLine.Option;

/** Option that names the development cluster. */
final class ClusterDirectory {
  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Folder of the cluster, else of LONGROPE_CLUSTER.")
  Path directory = defaultFolder();

  /** Returns the default folder. */
  static Path defaultFolder() {
    String named = System.getenv("LONGROPE_CLUSTER");
    return named == null || named.isBlank() ? Path.of("runs", "cluster") : Path.of(named);
  }

  DevelopmentCluster cluster() {
    return new DevelopmentCluster(directory);
  }
}
