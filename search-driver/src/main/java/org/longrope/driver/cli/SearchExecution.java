package org.longrope.driver.cli;

import org.apache.spark.api.java.JavaSparkContext;
import org.longrope.driver.run.RunDirectory;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.scoring.SparkScorer;
import org.longrope.driver.scoring.WorkerSetup;

/** Runs a search on Spark and tells its result; what search, resume and quickstart share. */
final class SearchExecution {
  private SearchExecution() {}

  static void execute(SearchRun run, RunDirectory directory, JavaSparkContext context) {
    WorkerSetup setup = run.workerSetup(WorkerSetup.hadoop(context.hadoopConfiguration()));
    try (SparkScorer scorer = new SparkScorer(context, setup)) {
      SearchForecast.say(setup, context);
      String summary = run.execute(scorer, new SearchProgress());
      System.out.println();
      System.out.print(summary);
      System.out.println();
      for (String name :
          new String[] {
            RunDirectory.FACTORS,
            RunDirectory.SUMMARY_TEXT,
            RunDirectory.CONVERGENCE_PLOT,
            RunDirectory.FACTOR_PLOT
          }) {
        System.out.println("  " + directory.location() + "/" + name);
      }
    }
  }
}
