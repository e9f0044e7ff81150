package org.longrope.driver.run;

import java.util.Map;
import java.util.Optional;
import org.longrope.driver.run.replay.RunState;
import org.longrope.search.GenerationStats;
import org.longrope.search.ScreeningStats;

/** Receives the progress of a run, on the driver. */
public interface RunListener {
  /** A listener that ignores everything. */
  RunListener SILENT =
      new RunListener() {
        @Override
        public void baselines(Map<String, Double> perplexities) {}

        @Override
        public void generation(
            GenerationStats stats,
            Optional<ScreeningStats> surrogate,
            int iterations,
            RunState state) {}

        @Override
        public void evaluation(RunState state) {}

        @Override
        public void reused(long evaluations, String cache) {}

        @Override
        public void warning(String sentence) {}
      };

  /** Receives the perplexities of the baselines at the target length, by name. */
  void baselines(Map<String, Double> perplexities);

  /**
   * Receives a complete generation.
   *
   * @param surrogate statistics of the surrogate so far; empty without one
   * @param iterations number of the last generation
   */
  void generation(
      GenerationStats stats, Optional<ScreeningStats> surrogate, int iterations, RunState state);

  /** Receives the state of the run after an evaluation. */
  void evaluation(RunState state);

  /** Receives the number of evaluations that an evaluation cache had, at the end of the run. */
  void reused(long evaluations, String cache);

  /** Receives something that a person should know, in one sentence. */
  void warning(String sentence);
}
