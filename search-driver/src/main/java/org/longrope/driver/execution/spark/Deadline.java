package org.longrope.driver.execution.spark;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Longest time of a task: the one that was set, or ten times the slowest so far. The tasks of a run
 * are alike, so one that takes that long hangs.
 */
final class Deadline {
  private static final double TIMES_THE_SLOWEST = 10;
  private static final Duration LEAST = Duration.ofMinutes(5);

  /** Deadline of the first task. The longest evaluation of the paper takes under an hour. */
  private static final Duration FIRST = Duration.ofHours(6);

  private final @Nullable Duration set;
  private double slowestSeconds;

  Deadline(@Nullable Duration set) {
    this.set = set;
  }

  void observe(double seconds) {
    slowestSeconds = Math.max(slowestSeconds, seconds);
  }

  Duration now() {
    if (set != null) {
      return set;
    }
    if (slowestSeconds == 0) {
      return FIRST;
    }
    Duration scaled = Duration.ofMillis((long) (1000 * TIMES_THE_SLOWEST * slowestSeconds));
    return scaled.compareTo(LEAST) < 0 ? LEAST : scaled;
  }
}
