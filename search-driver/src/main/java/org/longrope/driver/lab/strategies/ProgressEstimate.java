package org.longrope.driver.lab.strategies;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.longrope.driver.run.RunListener;
import org.longrope.driver.run.replay.RunState;
import org.longrope.search.GenerationStats;
import org.longrope.search.ScreeningStats;

/** Progress of all experiments in tokens, because lengths and strategies differ. */
final class ProgressEstimate {
  private final StrategyBenchmarkListener listener;
  private final int runs;

  /** Tokens of experiments that have not begun here. */
  private double ahead;

  private double done;
  private int finished;

  /**
   * Estimates the progress of a number of runs.
   *
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
            .passes(experiment.settings().heldOutDocuments(), experiment.prepared().window());
    return passes.entrySet().stream().mapToDouble(one -> one.getKey() * one.getValue()).sum();
  }

  private static double measuringTokens(Experiment experiment) {
    PreparedProblem prepared = experiment.prepared();
    return (IncumbentSample.OTHERS + 1.0)
        * prepared.heldOut().size()
        * prepared.problem().targetLength();
  }

  /** Returns the listener of a search that begins or resumes now. */
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
      public void reused(long evaluations, String cache) {}

      @Override
      public void warning(String sentence) {
        listener.warning(sentence);
      }
    };
  }

  void warning(String sentence) {
    listener.warning(sentence);
  }

  /** Records that a search has ended and its result is measured now. */
  void searched(Experiment experiment) {
    ahead -= measuringTokens(experiment);
  }

  /**
   * Records an evaluation on a held-out document.
   *
   * @param open evaluations that are still to come
   */
  void measured(Experiment experiment, int open) {
    int length = experiment.prepared().problem().targetLength();
    done += length;
    say(experiment, "  held out: " + open + " to go", (double) length * open, false);
  }

  /** Records that a search is finished and measured. */
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
