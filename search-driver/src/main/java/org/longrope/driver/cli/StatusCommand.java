package org.longrope.driver.cli;

import java.time.Instant;
import java.util.concurrent.Callable;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.results.RunStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Section("Search")
@Command(
    name = "status",
    description = "Shows how far a search is, also while it runs.",
    footer = "bin/longrope status runs/quickstart/run")
final class StatusCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Output directory of a search.")
  String run = "";

  @Mixin HadoopOptions files = new HadoopOptions();

  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    RunDirectory directory = RunDirectory.open(run, files.hadoop());
    System.out.print(RunStatus.of(directory).toText(Instant.now()));
    return 0;
  }
}
