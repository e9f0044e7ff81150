package org.longrope.driver.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * How far a run is, as its journal tells: without Spark, whether or not it still goes on.
 *
 * @param location of the run
 * @param candidates that the search has decided to try
 * @param generation of the last of them
 * @param times of the journal's records
 * @param finished whether the results are written
 */
public record RunStatus(
    String location,
    SearchSettings settings,
    int candidates,
    int generation,
    RunState state,
    List<Instant> times,
    boolean finished) {
  private static final double SECONDS_PER_HOUR = 3600;

  /** So many last records tell the present pace. */
  private static final int RECENT = 200;

  public RunStatus {
    times = List.copyOf(times);
  }

  /**
   * Reads a run.
   *
   * @throws org.longrope.eval.BadInputException if it is damaged
   */
  public static RunStatus of(RunDirectory directory) {
    return SearchRun.read(directory).status();
  }

  /** A few lines for a person, who asks at that time. */
  public String toText(Instant now) {
    StringBuilder text = new StringBuilder();
    line(text, "run", "%s, to %,d tokens, %s", location, settings.targetLength(), settings.mode());
    line(text, "state", "%s", progress(now));
    line(
        text,
        "search",
        "%,d candidates decided, generation %d of %d",
        candidates,
        generation,
        settings.search().generations(settings.documents()));
    line(
        text,
        "evaluations",
        "%,d done, %,d of them rejected, at most %,d to go",
        state.evaluated(),
        state.rejected(),
        finished ? 0 : state.toGo());
    line(
        text,
        "best",
        "%s",
        state.best().isPresent()
            ? String.format(
                Locale.ROOT, "%s %.4f", settings.objective().quantity(), state.best().getAsDouble())
            : "none yet");
    line(
        text,
        "cost",
        "%.2f device-hours so far, %.2f to go",
        state.deviceSeconds() / SECONDS_PER_HOUR,
        finished ? 0.0 : state.deviceSecondsToGo() / SECONDS_PER_HOUR);
    return text.toString();
  }

  private String progress(Instant now) {
    if (times.isEmpty()) {
      return "begun, nothing evaluated yet";
    }
    Instant last = times.get(times.size() - 1);
    if (finished) {
      return "finished at " + last;
    }
    Duration quiet = Duration.between(last, now);
    int recent = Math.min(RECENT, times.size());
    double seconds =
        Duration.between(times.get(times.size() - recent), last).toMillis() / 1000.0 / recent;
    return String.format(
        Locale.ROOT,
        "last record %d s ago, %.2f records/s lately, about %.0f min to go at that pace",
        quiet.toSeconds(),
        seconds > 0 ? 1 / seconds : 0,
        state.toGo() * seconds / 60);
  }

  private static void line(StringBuilder text, String name, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "%-12s", name))
        .append(String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
