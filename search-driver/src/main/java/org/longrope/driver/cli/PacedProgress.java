package org.longrope.driver.cli;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A line of progress every few seconds at most, with the time that the rest will take. */
final class PacedProgress {
  private final Duration interval;
  private final LongSupplier nanoTime;
  private final long start;
  private long lastNanos;

  PacedProgress() {
    this(Duration.ofSeconds(5), System::nanoTime);
  }

  /**
   * Paces lines by a clock.
   *
   * @param interval between two lines
   * @param nanoTime the clock, nanoseconds
   */
  PacedProgress(Duration interval, LongSupplier nanoTime) {
    this.interval = interval;
    this.nanoTime = nanoTime;
    start = nanoTime.getAsLong();
    lastNanos = start;
  }

  /**
   * Says it if the last line is long enough ago, or if this is to be the last.
   *
   * @param done of all work that was open at the begin, in any unit; above 0
   * @param total in the same unit
   * @param last whether to say it in any case
   */
  synchronized void log(String line, double done, double total, boolean last) {
    long now = nanoTime.getAsLong();
    if (last || now - lastNanos >= interval.toNanos()) {
      lastNanos = now;
      double seconds = (now - start) * 1e-9;
      Progress.line("%s  ETA %s", line, Durations.text(seconds * (total - done) / done));
    }
  }
}
