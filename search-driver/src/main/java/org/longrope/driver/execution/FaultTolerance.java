package org.longrope.driver.execution;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Faults that are tolerated before a run stops.
 *
 * @param deadline of one task; null for ten times the slowest so far
 * @param timeout of a cluster without executors, or on which nothing succeeds, and of a full disk
 */
public record FaultTolerance(@Nullable Duration deadline, Duration timeout) {
  /** Defaults of the reference configuration. */
  public static final FaultTolerance DEFAULT = new FaultTolerance(null, Duration.ofMinutes(10));
}
