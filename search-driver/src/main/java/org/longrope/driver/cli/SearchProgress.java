package org.longrope.driver.cli;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.longrope.driver.metrics.SearchMetrics;
import org.longrope.driver.run.RunListener;
import org.longrope.driver.run.RunState;
import org.longrope.driver.scoring.ScorerListener;
import org.longrope.search.GenerationStats;
import org.longrope.search.ScreeningStats;

/** A line for every generation and, in long ones, one every half minute; metrics all the time. */
final class SearchProgress implements RunListener, ScorerListener {
  private static final double QUIET_SECONDS = 30;
  private static final double SECONDS_PER_HOUR = 3600;

  private final SearchMetrics metrics;
  private final String device;
  private final long start = System.nanoTime();
  private double lastLine;
  private long evaluatedHere;

  /**
   * @param device GPU or CPU, whose hours are counted
   */
  SearchProgress(SearchMetrics metrics, String device) {
    this.metrics = metrics;
    this.device = device;
  }

  @Override
  public void baselines(Map<String, Double> perplexities) {
    StringBuilder line = new StringBuilder("to beat:");
    perplexities.forEach(
        (name, perplexity) ->
            line.append(String.format(Locale.ROOT, "  %s %.3f", name, perplexity)));
    say("%s", line);
  }

  @Override
  public void generation(
      GenerationStats stats, Optional<ScreeningStats> surrogate, int iterations, RunState state) {
    say(
        "generation %d/%d  best %s  median %s%s%s  %s",
        stats.generation(),
        iterations,
        number(state.best()),
        number(stats.median()),
        stats.rejected() == 0 ? "" : "  rejected " + stats.rejected(),
        surrogate.map(SearchProgress::text).orElse(""),
        pace(state));
  }

  @Override
  public void evaluation(RunState state) {
    metrics.update(state);
    evaluatedHere = state.evaluatedHere();
    if (seconds() - lastLine >= QUIET_SECONDS) {
      say(
          "  scored %,d documents, at most %,d to go  %s",
          state.evaluated(), state.toGo(), pace(state));
    }
  }

  @Override
  public void reused(long evaluations, String ledger) {
    say("%,d of %,d evaluations came from the ledger %s", evaluations, evaluatedHere, ledger);
  }

  @Override
  public synchronized void warning(String sentence) {
    Progress.warn(sentence);
  }

  @Override
  public void modelLoaded(double seconds) {
    metrics.modelLoaded(seconds);
  }

  private String pace(RunState state) {
    if (state.liveHere() == 0) {
      return state.evaluatedHere() == 0 ? "from the journal" : "from the ledger";
    }
    double perSecond = state.liveHere() / seconds();
    return String.format(
        Locale.ROOT,
        "%.2f evaluations/s  ETA %s  %.2f %s-hours, %.2f to go",
        perSecond,
        Durations.text(state.toGo() / perSecond),
        state.deviceSeconds() / SECONDS_PER_HOUR,
        device,
        state.deviceSecondsToGo() / SECONDS_PER_HOUR);
  }

  /** How well it ranked the last few generations. */
  private static String text(ScreeningStats surrogate) {
    return String.format(
        Locale.ROOT,
        surrogate.screens() ? "  surrogate ρ %.2f" : "  surrogate aside (ρ %.2f)",
        surrogate.recent());
  }

  private void say(String format, Object... arguments) {
    lastLine = seconds();
    Progress.line(format, arguments);
  }

  private double seconds() {
    return (System.nanoTime() - start) * 1e-9;
  }

  private static String number(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.3f", value.getAsDouble()) : "none";
  }
}
