package org.longrope.driver.scoring;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is put up with before something is given up.
 *
 * @param deadline of one evaluation; null for one that follows from those done
 * @param patience with a cluster without executors, or on which nothing succeeds, and with a full
 *     disk
 */
public record Limits(@Nullable Duration deadline, Duration patience) {
  /** Those of the reference configuration. */
  public static final Limits DEFAULT = new Limits(null, Duration.ofMinutes(10));
}
