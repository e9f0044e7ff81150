package org.longrope.driver.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import org.longrope.driver.lab.cluster.ClusterProcess;
import org.longrope.driver.lab.cluster.ClusterStatus;
import org.longrope.driver.lab.cluster.MasterView;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;
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
    return print(status.get());
  }

  private int print(ClusterStatus status) {
    System.out.printf("master %s%n%n", status.masterUrl());
    Table table =
        new Table(
            Column.text("process").withWidth(10),
            Column.of("pid", ColumnType.INTEGER).withWidth(7),
            Column.text("state").withWidth(5),
            Column.text("web page").withWidth(22),
            Column.text("log"));
    for (ClusterProcess process : status.processes()) {
      table.add(
          process.role(),
          process.pid(),
          status.isAlive(process) ? "runs" : "dead",
          process.ui(),
          process.log());
    }
    System.out.println(table.toText());
    status
        .view()
        .ifPresentOrElse(
            ClusterStatusCommand::print, () -> System.out.println("The master does not answer."));
    if (status.dead().isEmpty() && status.view().isPresent()) {
      return 0;
    }
    System.out.printf(
        "%nMend it: bin/longrope cluster start --directory %s%n", directory.directory);
    return Main.EXIT_FAILED;
  }

  private static void print(MasterView view) {
    int cores = view.workers().stream().mapToInt(MasterView.Worker::cores).sum();
    int used = view.workers().stream().mapToInt(MasterView.Worker::coresUsed).sum();
    System.out.printf(
        "%s registered, %d of %s in use.%n",
        Numbers.counted(view.workers().size(), "worker"), used, Numbers.counted(cores, "core"));
    if (view.applications().isEmpty()) {
      System.out.println("No application runs.");
    }
    for (MasterView.Application application : view.applications()) {
      System.out.printf(
          "%s  %s  %s, %s%n",
          application.id(),
          application.name(),
          application.state(),
          Numbers.counted(application.cores(), "core"));
    }
  }
}
