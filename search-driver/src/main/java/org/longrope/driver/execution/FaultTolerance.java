package org.longrope.driver.execution;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is put up with before something is given up.
 *
 * @param deadline of one evaluation; null for one that follows from those done
 * @param patience with a cluster without executors, or on which nothing succeeds, and with a full
 *     disk
 */
public record FaultTolerance(@Nullable Duration deadline, Duration patience) {
  /** Those of the reference configuration. */
  public static final FaultTolerance DEFAULT = new FaultTolerance(null, Duration.ofMinutes(10));
}
