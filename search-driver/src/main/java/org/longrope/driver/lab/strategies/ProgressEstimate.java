package org.longrope.driver.lab.strategies;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.longrope.driver.run.RunListener;
import org.longrope.driver.run.replay.RunState;
import org.longrope.search.GenerationStats;
import org.longrope.search.ScreeningStats;

/** How much is read and how much is to come, by tokens: lengths and strategies differ. */
final class ProgressEstimate {
  private final StrategyBenchmarkListener listener;
  private final int runs;

  /** Of experiments that have not begun here. */
  private double ahead;

  private double done;
  private int finished;

  /**
   * @param runs finished ones included
   * @param ahead those that are not finished
   */
  ProgressEstimate(StrategyBenchmarkListener listener, int runs, List<Experiment> ahead) {
    this.listener = listener;
    this.runs = runs;
    this.ahead = ahead.stream().mapToDouble(one -> searchTokens(one) + measuringTokens(one)).sum();
    finished = runs - ahead.size();
  }

  private static double searchTokens(Experiment experiment) {
    Map<Integer, Double> passes =
        experiment
            .settings()
            .passes(experiment.settings().heldOutDocuments(), experiment.ground().window());
    return passes.entrySet().stream().mapToDouble(one -> one.getKey() * one.getValue()).sum();
  }

  private static double measuringTokens(Experiment experiment) {
    PreparedProblem ground = experiment.ground();
    return (IncumbentSample.OTHERS + 1.0)
        * ground.heldOut().size()
        * ground.problem().targetLength();
  }

  /** Of a search that begins, or goes on, now. */
  RunListener searching(Experiment experiment) {
    ahead -= searchTokens(experiment);
    double before = done;
    return new RunListener() {
      private String generation = "";

      @Override
      public void baselines(Map<String, Double> perplexities) {}

      @Override
      public void generation(
          GenerationStats stats,
          Optional<ScreeningStats> surrogate,
          int iterations,
          RunState state) {
        generation =
            String.format(Locale.ROOT, "  generation %d/%d", stats.generation(), iterations);
        if (state.best().isPresent()) {
          generation += String.format(Locale.ROOT, "  best %.3f", state.best().getAsDouble());
        }
      }

      @Override
      public void evaluation(RunState state) {
        double each = searchTokens(experiment) / (state.evaluated() + state.toGo());
        done = before + each * state.liveHere();
        say(experiment, generation, each * state.toGo(), false);
      }

      @Override
      public void reused(long evaluations, String ledger) {}

      @Override
      public void warning(String sentence) {
        listener.warning(sentence);
      }
    };
  }

  void warning(String sentence) {
    listener.warning(sentence);
  }

  /** A search is through: what is found is measured now, which was expected to take a while. */
  void searched(Experiment experiment) {
    ahead -= measuringTokens(experiment);
  }

  /**
   * Found factors were evaluated on one more document that is held out.
   *
   * @param open evaluations that are asked for and not answered
   */
  void measured(Experiment experiment, int open) {
    int length = experiment.ground().problem().targetLength();
    done += length;
    say(experiment, "  held out: " + open + " to go", (double) length * open, false);
  }

  /** A search that was not finished before is, and measured. */
  void finished(Experiment experiment) {
    finished++;
    say(experiment, "  finished", 0, true);
  }

  private void say(Experiment experiment, String what, double toGo, boolean milestone) {
    if (done >= 1) {
      listener.progress(
          String.format(
              Locale.ROOT, "%d/%d runs done  %s%s", finished, runs, experiment.name(), what),
          Math.round(done),
          Math.round(done + toGo + Math.max(0, ahead)),
          milestone);
    }
  }
}
