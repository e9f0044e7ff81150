package org.longrope.driver.cli;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.longrope.driver.run.RunListener;

/** A line for every generation and, in long ones, one every half minute. */
final class SearchProgress implements RunListener {
  private static final double QUIET_SECONDS = 30;

  private final long start = System.nanoTime();
  private double lastLine;
  private long done;
  private long toGo;

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
      int generation, int iterations, OptionalDouble best, OptionalDouble median, int rejected) {
    say(
        "generation %d/%d  best %s  median %s%s  %s",
        generation,
        iterations,
        number(best),
        number(median),
        rejected == 0 ? "" : "  rejected " + rejected,
        pace());
  }

  @Override
  public void evaluation(long doneNow, long toGoNow) {
    done = doneNow;
    toGo = toGoNow;
    if (seconds() - lastLine >= QUIET_SECONDS) {
      say("  scored %,d documents, at most %,d to go  %s", done, toGo, pace());
    }
  }

  private String pace() {
    if (done == 0) {
      return "from the journal";
    }
    double perSecond = done / seconds();
    return String.format(
        Locale.ROOT, "%.2f evaluations/s  ETA %s", perSecond, Durations.text(toGo / perSecond));
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
