package org.longrope.driver.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.TasksInProgress;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.run.RunListener;
import org.longrope.driver.run.SearchMetrics;
import org.longrope.driver.run.replay.RunState;
import org.longrope.search.GenerationStats;
import org.longrope.search.ScreeningStats;

/**
 * Progress of a search: a line for every generation, in long generations one every half minute, and
 * metrics after every evaluation. Called by the driver and by threads of Spark, one at a time.
 */
final class SearchProgress implements RunListener, ExecutorListener {
  private static final Duration QUIET = Duration.ofSeconds(30);
  private static final double SECONDS_PER_HOUR = 3600;

  /** Evaluations after which their time is compared with its forecast. */
  private static final int FIRST = 3;

  /** Ratio of forecast and measured time from which a line is printed. */
  private static final double FAR = 1.3;

  private final SearchMetrics metrics;
  private final LongSupplier nanoTime;
  private long start;
  private long lastLine;
  private @Nullable RunState first;
  private @Nullable RunState last;
  private TasksInProgress underWay = TasksInProgress.NONE;
  private double forecastSeconds = Double.NaN;

  /**
   * Reports progress by a clock.
   *
   * @param nanoTime the clock, nanoseconds
   */
  SearchProgress(SearchMetrics metrics, LongSupplier nanoTime) {
    this.metrics = metrics;
    this.nanoTime = nanoTime;
    start = nanoTime.getAsLong();
    lastLine = start;
  }

  /**
   * Starts the clock.
   *
   * @param seconds forecast of one evaluation; NaN for none
   */
  synchronized void begin(double seconds) {
    forecastSeconds = seconds;
    start = nanoTime.getAsLong();
    lastLine = start;
  }

  @Override
  public synchronized void baselines(Map<String, Double> perplexities) {
    StringBuilder line = new StringBuilder("to beat:");
    perplexities.forEach(
        (name, perplexity) ->
            line.append(String.format(Locale.ROOT, "  %s %.3f", name, perplexity)));
    log("%s", line);
  }

  @Override
  public synchronized void generation(
      GenerationStats stats, Optional<ScreeningStats> surrogate, int iterations, RunState state) {
    log(
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
  public synchronized void evaluation(RunState state) {
    metrics.update(state);
    last = state;
    underWay = underWay.withoutOne();
    compareWithForecast(state);
    if (isQuiet()) {
      logScored(state, "");
    }
  }

  @Override
  public synchronized void waiting(TasksInProgress now) {
    underWay = now;
    if (!(now.done() > 0 && isQuiet())) {
      return;
    }
    if (last == null) {
      log("  scored no document yet%s", Progress.text(now));
    } else {
      logScored(last, Progress.text(now));
    }
  }

  private boolean isQuiet() {
    return nanoTime.getAsLong() - lastLine >= QUIET.toNanos();
  }

  private void logScored(RunState state, String more) {
    log(
        "  scored %s, at most %,d to go%s  %s",
        Numbers.counted(state.evaluated(), "document"), state.toGo(), more, pace(state));
  }

  /** Corrects the forecast if the first evaluations show that it is far off. */
  private void compareWithForecast(RunState state) {
    if (Double.isNaN(forecastSeconds)) {
      return;
    }
    if (first == null) {
      first = state; // Earlier ones may be of another process.
      return;
    }
    long evaluations = state.live() - first.live();
    if (evaluations < FIRST) {
      return;
    }
    double seconds = (state.deviceSeconds() - first.deviceSeconds()) / evaluations;
    if (seconds > FAR * forecastSeconds || forecastSeconds > FAR * seconds) {
      log(
          "one evaluation takes about %s, not %s",
          SearchForecast.text(seconds), SearchForecast.text(forecastSeconds));
    }
    forecastSeconds = Double.NaN;
  }

  @Override
  public synchronized void reused(long evaluations, String cache) {
    log(
        "%,d of %,d evaluations came from the evaluation cache %s",
        evaluations, last == null ? 0 : last.evaluatedHere(), cache);
  }

  @Override
  public synchronized void warning(String sentence) {
    Progress.warn(sentence);
  }

  @Override
  public synchronized void modelLoaded(double seconds) {
    metrics.modelLoaded(seconds);
  }

  private String pace(RunState state) {
    double done = state.liveHere() + underWay.done();
    if (done == 0) {
      return state.evaluatedHere() == 0 ? "from the journal" : "from the evaluation cache";
    }
    double perSecond = done / seconds();
    return String.format(
        Locale.ROOT,
        "%.2f evaluations/s  ETA %s  %.2f device-hours, %.2f to go",
        perSecond,
        Durations.text(Math.max(0, state.toGo() - underWay.done()) / perSecond),
        state.deviceSeconds() / SECONDS_PER_HOUR,
        state.deviceSecondsToGo() / SECONDS_PER_HOUR);
  }

  /** Returns how well the surrogate ranked the last few generations. */
  private static String text(ScreeningStats surrogate) {
    return String.format(
        Locale.ROOT,
        surrogate.screens() ? "  surrogate ρ %.2f" : "  surrogate aside (ρ %.2f)",
        surrogate.recent());
  }

  private void log(String format, Object... arguments) {
    lastLine = nanoTime.getAsLong();
    Progress.line(format, arguments);
  }

  private double seconds() {
    return (nanoTime.getAsLong() - start) * 1e-9;
  }

  private static String number(OptionalDouble value) {
    return value.isPresent() ? String.format(Locale.ROOT, "%.3f", value.getAsDouble()) : "none";
  }
}
