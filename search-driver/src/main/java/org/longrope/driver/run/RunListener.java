package org.longrope.driver.run;

import java.util.Map;
import java.util.Optional;
import org.longrope.driver.run.replay.RunState;
import org.longrope.search.GenerationStats;
import org.longrope.search.ScreeningStats;

/** Is told how a run goes, on the driver. */
public interface RunListener {
  /** Listens to nothing. */
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
        public void reused(long evaluations, String ledger) {}

        @Override
        public void warning(String sentence) {}
      };

  /** The methods to beat were measured: perplexity at the target length by name. */
  void baselines(Map<String, Double> perplexities);

  /**
   * A generation is complete.
   *
   * @param surrogate what it was worth so far; empty where none has said anything
   * @param iterations the last generation's number
   */
  void generation(
      GenerationStats stats, Optional<ScreeningStats> surrogate, int iterations, RunState state);

  /** One more document was scored. */
  void evaluation(RunState state);

  /** The run is done: so many evaluations of this process came from a ledger. */
  void reused(long evaluations, String ledger);

  /** Something that a person should know, in one sentence. */
  void warning(String sentence);
}
