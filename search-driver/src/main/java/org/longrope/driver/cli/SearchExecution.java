package org.longrope.driver.cli;

import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.files.HadoopSettings;
import org.longrope.driver.metrics.SearchMetrics;
import org.longrope.driver.run.RunDirectory;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.scoring.ExecutorWatch;
import org.longrope.driver.scoring.SparkScorer;
import org.longrope.driver.scoring.WorkerSetup;
import org.longrope.driver.surrogate.QuadraticRegression;
import org.longrope.eval.decoder.Libtorch;

/** Runs a search on Spark and tells its result; what search, resume and quickstart share. */
final class SearchExecution {
  private SearchExecution() {}

  static void execute(SearchRun run, RunDirectory directory, JavaSparkContext context) {
    WorkerSetup setup = run.workerSetup(HadoopSettings.of(context.hadoopConfiguration()));
    if (context.isLocal()) {
      DeviceLines.print(setup.threads());
    }
    SearchMetrics metrics = new SearchMetrics();
    metrics.register();
    SearchProgress progress = new SearchProgress(metrics, device(context), System::nanoTime);
    context.sc().addSparkListener(new ExecutorWatch(progress));
    try (SparkScorer scorer =
            new SparkScorer(context, setup, run.limits(), run.slowestSeconds(), progress);
        QuadraticRegression surrogate = new QuadraticRegression(context, run.limits().patience())) {
      progress.begin(SearchForecast.say(setup, context));
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

  /** Whose hours are counted: GPUs that Spark schedules, or that a local search finds. */
  private static String device(JavaSparkContext context) {
    boolean gpu =
        context.getConf().contains("spark.task.resource.gpu.amount")
            || (context.isLocal() && Libtorch.device().isGpu());
    return gpu ? "GPU" : "CPU";
  }
}
