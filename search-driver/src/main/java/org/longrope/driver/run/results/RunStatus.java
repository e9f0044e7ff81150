package org.longrope.driver.run.results;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunState;
import org.longrope.driver.run.settings.SearchSettings;

/**
 * How far a run is, as its journal tells: without Spark, whether or not it still goes on.
 *
 * @param location of the run
 * @param candidates that the search has decided to try
 * @param generation of the last of them
 * @param times of the journal's records
 * @param evaluations when those were recorded that no ledger answered
 * @param finished whether the results are written
 * @param needsNoRescaling says of a finished run that its model needs none; null of others
 */
public record RunStatus(
    String location,
    SearchSettings settings,
    int candidates,
    int generation,
    RunState state,
    List<Instant> times,
    List<Instant> evaluations,
    boolean finished,
    @Nullable String needsNoRescaling) {
  private static final double SECONDS_PER_HOUR = 3600;

  /** So many last evaluations tell the present pace. */
  private static final int RECENT = 200;

  public RunStatus {
    times = List.copyOf(times);
    evaluations = List.copyOf(evaluations);
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
    if (needsNoRescaling != null) {
      line(text, "result", "%s", needsNoRescaling);
    }
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
    double seconds = secondsApart();
    return String.format(
        Locale.ROOT,
        "last record %d s ago, %.2f evaluations/s lately, about %.0f min to go at that pace",
        Duration.between(last, now).toSeconds(),
        seconds > 0 ? 1 / seconds : 0,
        state.toGo() * seconds / 60);
  }

  /** Between two evaluations, of late; 0 while that is not known. */
  private double secondsApart() {
    if (evaluations.isEmpty()) {
      return 0;
    }
    int end = evaluations.size();
    int recent = Math.min(RECENT, end);
    Duration lately = Duration.between(evaluations.get(end - recent), evaluations.get(end - 1));
    return lately.toMillis() / 1000.0 / recent;
  }

  private static void line(StringBuilder text, String name, String format, Object... values) {
    text.append(String.format(Locale.ROOT, "%-12s", name))
        .append(String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
