package org.longrope.driver.cli;

import java.time.Instant;
import java.util.concurrent.Callable;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.results.RunStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "status",
    description = "How far a run is, from its journal; the run may go on meanwhile.")
final class StatusCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Run directory.")
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
