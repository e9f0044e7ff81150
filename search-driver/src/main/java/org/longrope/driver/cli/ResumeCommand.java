package org.longrope.driver.cli;

import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.settings.SettingsReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Section("Search")
@Command(
    name = "resume",
    description = "Resumes an interrupted search, with the same result.",
    footer = "bin/longrope resume runs/quickstart/run")
final class ResumeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Run directory.")
  String run = "";

  @Option(
      names = "--deadline",
      paramLabel = "T",
      description = "Of one evaluation from now on; default: as before.")
  @Nullable String deadline;

  @Option(
      names = "--patience",
      paramLabel = "T",
      description = "Without executors or success from now on; default: as before.")
  @Nullable String patience;

  @Option(
      names = "--ledger",
      paramLabel = "DIR",
      description = "Evaluations shared with other runs, or none, from now on; default: as before.")
  @Nullable String ledger;

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    try (JavaSparkContext context = spark.settings().start("longrope resume")) {
      RunDirectory directory = RunDirectory.open(run, context.hadoopConfiguration());
      FaultTolerance limits =
          SettingsReader.limits(SearchRun.limits(directory), deadline, patience);
      String shared = SettingsReader.ledger(SearchRun.ledger(directory), ledger);
      SearchRun resumed =
          SearchRun.resume(directory, limits, shared, context.hadoopConfiguration());
      SearchExecution.execute(resumed, directory, context);
    }
    return 0;
  }
}
