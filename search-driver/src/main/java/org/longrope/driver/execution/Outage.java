package org.longrope.driver.execution;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A stopwatch for the time in which nothing has succeeded. */
public final class Outage {
  private @Nullable Long since;

  /** Starts the outage unless it has started; returns the time since its start. */
  public Duration lasts() {
    long now = System.nanoTime();
    if (since == null) {
      since = now;
    }
    return Duration.ofNanos(now - since);
  }

  /** Ends the outage. */
  public void clear() {
    since = null;
  }
}
