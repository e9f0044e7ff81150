package org.longrope.driver.cli;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.settings.SettingsReader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Section("Search")
@Command(
    name = "resume",
    description = "Resumes an interrupted search, with the same result.",
    footer = "bin/longrope resume runs/quickstart/run",
    modelTransformer = SettingOptions.OfResume.class)
final class ResumeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Run directory.")
  String run = "";

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Spec CommandLine.Model.@Nullable CommandSpec spec;

  @Override
  public Integer call() {
    Map<String, String> given = SettingOptions.given(Objects.requireNonNull(spec));
    try (JavaSparkContext context = spark.settings().start("longrope resume")) {
      RunDirectory directory = RunDirectory.open(run, context.hadoopConfiguration());
      FaultTolerance limits = SettingsReader.limits(SearchRun.limits(directory), given);
      String shared = SettingsReader.evaluationCache(SearchRun.cache(directory), given);
      SearchRun resumed =
          SearchRun.resume(directory, limits, shared, context.hadoopConfiguration());
      SearchExecution.execute(resumed, directory, context);
    }
    return 0;
  }
}
