package org.longrope.driver.execution;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Since when nothing has succeeded though something should have. */
public final class Outage {
  private @Nullable Long since;

  /** There is trouble, maybe still; returns how long it has lasted. */
  public Duration lasts() {
    long now = System.nanoTime();
    if (since == null) {
      since = now;
    }
    return Duration.ofNanos(now - since);
  }

  /** Returns whether there was any. */
  public boolean over() {
    boolean was = since != null;
    since = null;
    return was;
  }
}
