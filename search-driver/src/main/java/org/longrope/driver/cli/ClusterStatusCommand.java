package org.longrope.driver.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.longrope.driver.lab.cluster.ClusterProcess;
import org.longrope.driver.lab.cluster.ClusterStatus;
import org.longrope.driver.lab.cluster.MasterView;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "status",
    description = {
      "Shows processes, workers and applications.",
      "Exit code 1 if a process is dead."
    },
    footer = "bin/longrope cluster status")
final class ClusterStatusCommand implements Callable<Integer> {
  @Mixin ClusterDirectory directory = new ClusterDirectory();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    Optional<ClusterStatus> status = directory.cluster().status();
    if (status.isEmpty()) {
      System.out.printf(
          "No cluster runs from %s; 'bin/longrope cluster start' starts one.%n",
          directory.directory);
      return 0;
    }
    return tell(status.get());
  }

  private int tell(ClusterStatus status) {
    System.out.printf("master %s%n%n", status.masterUrl());
    System.out.printf("%-10s %8s  %-5s  %-23s %s%n", "process", "pid", "state", "web page", "log");
    for (ClusterProcess process : status.processes()) {
      System.out.printf(
          "%-10s %8d  %-5s  %-23s %s%n",
          process.role(),
          process.pid(),
          status.isAlive(process) ? "runs" : "dead",
          process.ui(),
          process.log());
    }
    System.out.println();
    status
        .view()
        .ifPresentOrElse(
            ClusterStatusCommand::tell, () -> System.out.println("The master does not answer."));
    if (status.dead().isEmpty() && status.view().isPresent()) {
      return 0;
    }
    System.out.printf(
        "%nMend it: bin/longrope cluster start --directory %s%n", directory.directory);
    return Main.EXIT_FAILED;
  }

  private static void tell(MasterView view) {
    int cores = view.workers().stream().mapToInt(MasterView.Worker::cores).sum();
    int used = view.workers().stream().mapToInt(MasterView.Worker::coresUsed).sum();
    System.out.printf(
        "%d workers are registered, %d of %d cores in use.%n", view.workers().size(), used, cores);
    if (view.applications().isEmpty()) {
      System.out.println("No application runs.");
    }
    for (MasterView.Application application : view.applications()) {
      System.out.printf(
          "%s  %s  %s, %d cores%n",
          application.id(), application.name(), application.state(), application.cores());
    }
  }
}
