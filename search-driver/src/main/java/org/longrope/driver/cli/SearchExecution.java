package org.longrope.driver.cli;

import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.execution.spark.ExecutorWatch;
import org.longrope.driver.execution.spark.QuadraticRegression;
import org.longrope.driver.execution.spark.SparkTaskExecutor;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.run.SearchMetrics;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.store.files.HadoopSettings;

/** Runs a search on Spark and tells its result; what search, resume and quickstart share. */
final class SearchExecution {
  /** Spark property of searches whose executors evaluate on GPUs. */
  static final String GPU_AMOUNT = "spark.task.resource.gpu.amount";

  private SearchExecution() {}

  static void execute(SearchRun run, RunDirectory directory, JavaSparkContext context) {
    WorkerSpec spec = run.workerSpec(HadoopSettings.of(context.hadoopConfiguration()));
    if (context.isLocal()) {
      DeviceLines.print(spec.model().threads());
    }
    SearchMetrics metrics = new SearchMetrics();
    metrics.register();
    SearchProgress progress = new SearchProgress(metrics, System::nanoTime);
    context.sc().addSparkListener(new ExecutorWatch(progress));
    try (SparkTaskExecutor scorer =
            new SparkTaskExecutor(context, spec, run.limits(), run.slowestSeconds(), progress);
        QuadraticRegression surrogate = new QuadraticRegression(context, run.limits().timeout())) {
      Progress.line("original window: %s", run.originalWindow());
      progress.begin(forecast(run, spec.model(), context));
      String summary = run.execute(scorer, surrogate, progress);
      System.out.println();
      System.out.print(summary);
      System.out.println();
      for (String name :
          new String[] {
            RunDirectory.FACTORS,
            RunDirectory.SUMMARY_TEXT,
            RunDirectory.CONVERGENCE_PLOT,
            RunDirectory.FACTOR_PLOT,
            RunDirectory.FRONT_PLOT
          }) {
        if (directory.exists(name)) {
          System.out.println("  " + directory.location() + "/" + name);
        }
      }
    }
  }

  /** Shows the cost; returns the seconds of one evaluation, NaN where executors are elsewhere. */
  private static double forecast(SearchRun run, ModelSpec model, JavaSparkContext context) {
    SearchForecast forecast = new SearchForecast(run, model, line -> Progress.line("%s", line));
    if (context.isLocal()) {
      return forecast.onThisMachine(context.defaultParallelism());
    }
    forecast.onExecutors(context.getConf().contains(GPU_AMOUNT), context.hadoopConfiguration());
    return Double.NaN;
  }
}
