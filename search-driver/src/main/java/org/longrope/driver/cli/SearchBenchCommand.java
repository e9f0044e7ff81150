package org.longrope.driver.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.spark.ExecutorWatch;
import org.longrope.driver.execution.spark.QuadraticRegression;
import org.longrope.driver.execution.spark.SparkTaskExecutor;
import org.longrope.driver.lab.strategies.ComparisonPlan;
import org.longrope.driver.lab.strategies.ComparisonPlanReader;
import org.longrope.driver.lab.strategies.ComparisonReport;
import org.longrope.driver.lab.strategies.ProblemExecutors;
import org.longrope.driver.lab.strategies.StrategyBenchmark;
import org.longrope.driver.lab.strategies.StrategyBenchmarkListener;
import org.longrope.driver.store.files.FileLocation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "search",
    description = {
      "Compares search strategies by held-out result and cost.",
      "Each strategy searches every problem with the same seeds. The same command resumes after",
      "a stop."
    },
    footer = "bin/longrope bench search --seeds 1 --output runs/strategies")
final class SearchBenchCommand implements Callable<Integer> {
  @Option(names = "--config", paramLabel = "FILE", description = "Problems and strategies.")
  FileLocation file = FileLocation.of(Path.of("conf", "laboratory.conf"));

  @Option(
      names = "--problem",
      split = ",",
      paramLabel = "NAME",
      description = "Problems of --config to search. Default: all.")
  List<String> problems = List.of();

  @Option(
      names = "--strategy",
      split = ",",
      paramLabel = "NAME",
      description = "Strategies of --config to compare. Default: all.")
  List<String> strategies = List.of();

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Searches of each strategy, with seeds 1 to N.")
  int seeds = 5;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      description = "Directory of the results: a free one under runs.")
  Path output = Demonstration.freeDirectory("laboratory");

  @Mixin JsonOption json = new JsonOption();

  @Mixin SparkOptions spark = new SparkOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public Integer call() throws IOException {
    ComparisonPlan plan =
        ComparisonPlanReader.read(file.on(spark.hadoop()), problems, strategies, seeds);
    json.requireWritable(spark.hadoop());
    try (JavaSparkContext context = spark.settings().start("longrope bench search");
        QuadraticRegression surrogate =
            new QuadraticRegression(context, FaultTolerance.DEFAULT.timeout())) {
      context.sc().addSparkListener(new ExecutorWatch(ClusterMessages.INSTANCE));
      ComparisonReport findings =
          new StrategyBenchmark(
                  plan, output, context.hadoopConfiguration(), on(context), surrogate, new Lines())
              .run();
      System.out.print(findings.toText());
      System.out.println();
      System.out.println("  " + output);
      json.write(findings.toJson(), context.hadoopConfiguration());
    }
    return 0;
  }

  private static ProblemExecutors on(JavaSparkContext context) {
    return (setup, limits, slowestSeconds, work) -> {
      try (SparkTaskExecutor scorer =
          new SparkTaskExecutor(context, setup, limits, slowestSeconds, ClusterMessages.INSTANCE)) {
        work.accept(scorer);
      }
    };
  }

  private static final class Lines implements StrategyBenchmarkListener {
    private final PacedProgress progress = new PacedProgress();

    @Override
    public void progress(String line, long done, long total, boolean milestone) {
      progress.log(line, done, total, milestone);
    }

    @Override
    public void warning(String sentence) {
      Progress.warn(sentence);
    }
  }
}
