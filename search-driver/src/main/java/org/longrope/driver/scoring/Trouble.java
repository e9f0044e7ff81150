package org.longrope.driver.scoring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Since when nothing has succeeded though something should have. */
final class Trouble {
  private @Nullable Long since;

  /** There is trouble, maybe still; returns how long it has lasted. */
  Duration lasts() {
    long now = System.nanoTime();
    if (since == null) {
      since = now;
    }
    return Duration.ofNanos(now - since);
  }

  /** Returns whether there was any. */
  boolean over() {
    boolean was = since != null;
    since = null;
    return was;
  }
}
