package org.longrope.driver.cli;

import java.util.concurrent.TimeUnit;

/** A line of progress every few seconds at most, with the time that the rest will take. */
final class PacedProgress {
  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(5);

  private final long start = System.nanoTime();
  private long said = start;

  /**
   * Says it if the last line is long enough ago, or if this is to be the last.
   *
   * @param done of all work, in any unit
   * @param total in the same unit
   * @param last whether to say it in any case
   */
  synchronized void say(String line, long done, long total, boolean last) {
    long now = System.nanoTime();
    if (last || now - said >= INTERVAL_NS) {
      said = now;
      double seconds = (now - start) * 1e-9;
      Progress.line("%s  ETA %s", line, Durations.text(seconds * (total - done) / done));
    }
  }
}
