package org.longrope.driver.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.lab.cluster.ClusterRequest;
import org.longrope.driver.lab.cluster.ClusterStatus;
import org.longrope.driver.lab.cluster.DevelopmentCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "start",
    description = {
      "Starts the master and workers that do not run yet.",
      "Settings of an earlier start hold unless they are given again."
    },
    footer = "bin/longrope cluster start --workers 2 --cores-per-worker 1")
final class ClusterStartCommand implements Callable<Integer> {
  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "Workers. Default: as at the last start, else 2.")
  @Nullable Integer workers;

  @Option(
      names = "--cores-per-worker",
      paramLabel = "N",
      description = "Tasks that a worker runs at once. Default: as at the last start, else 1.")
  @Nullable Integer coresPerWorker;

  @Option(
      names = "--gpus-per-worker",
      paramLabel = "N",
      description =
          "GPUs of this host for each worker, or fake:N for addresses alone. Default: as at the"
              + " last start, else 0.")
  @Nullable String gpusPerWorker;

  @Mixin ClusterDirectory directory = new ClusterDirectory();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    DevelopmentCluster cluster = directory.cluster();
    DevelopmentCluster.Started started =
        cluster.start(new ClusterRequest(workers, coresPerWorker, gpusPerWorker));
    ClusterStatus status = started.status();
    System.out.println(
        started.started().isEmpty()
            ? "Nothing to do, all of it runs."
            : "Started " + String.join(", ", started.started()) + ".");
    if (workers != null && status.workers() > workers) {
      System.out.printf(
          "%d workers run and %d were requested: left as they are; 'cluster stop' ends them.%n",
          status.workers(), workers);
    }
    String url = status.masterUrl();
    System.out.printf("Master %s, logs in %s%n", url, cluster.directory().resolve("logs"));
    StringBuilder options = new StringBuilder("--master " + url);
    if (!cluster
        .directory()
        .equals(ClusterDirectory.defaultFolder().toAbsolutePath().normalize())) {
      status
          .applicationSettings()
          .forEach((key, value) -> options.append(" --conf " + key + "=" + value));
    }
    System.out.printf(
        """
        Use it:
          bin/longrope search … %s
          spark-submit --properties-file %s …
        """,
        options, cluster.directory().resolve("conf/application.properties"));
    return 0;
  }
}
