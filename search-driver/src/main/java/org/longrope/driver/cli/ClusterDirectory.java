package org.longrope.driver.cli;

import java.nio.file.Path;
import org.longrope.driver.lab.cluster.DevelopmentCluster;
import picocli.CommandLine.Option;

/** Which development cluster: the option of all commands about one. */
final class ClusterDirectory {
  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Folder of the cluster, else of LONGROPE_CLUSTER.")
  Path directory = present();

  /** The folder where nothing else is said. */
  static Path present() {
    String named = System.getenv("LONGROPE_CLUSTER");
    return named == null || named.isBlank() ? Path.of("runs", "cluster") : Path.of(named);
  }

  DevelopmentCluster cluster() {
    return new DevelopmentCluster(directory);
  }
}
