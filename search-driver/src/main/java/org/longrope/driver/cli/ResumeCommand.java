package org.longrope.driver.cli;

import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.run.RunDirectory;
import org.longrope.driver.run.SearchRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "resume",
    description = "Goes on with a run after any interruption; ends as if there had been none.")
final class ResumeCommand implements Callable<Integer> {
  @Parameters(paramLabel = "RUN", description = "Run directory.")
  String run = "";

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() {
    try (JavaSparkContext context = spark.settings().start("longrope resume")) {
      RunDirectory directory = RunDirectory.open(run, context.hadoopConfiguration());
      SearchExecution.execute(
          SearchRun.resume(directory, context.hadoopConfiguration()), directory, context);
    }
    return 0;
  }
}
