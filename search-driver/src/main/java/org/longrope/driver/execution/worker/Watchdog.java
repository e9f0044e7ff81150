package org.longrope.driver.execution.worker;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.libtorch.ProcessExit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A timer that ends this process when a task does not stop at its deadline. Native code that hangs
 * cannot be interrupted: a dead executor is replaced, a hanging one would hold its GPU for good.
 */
public final class Watchdog implements AutoCloseable {
  /** A watchdog that does nothing, for the driver's own process. */
  public static final Watchdog NONE = new Watchdog(null);

  /** The time after its deadline in which a task checks its stop signal, even in a long slab. */
  private static final Duration GRACE = Duration.ofMinutes(1);

  private static final int EXIT_HANGING = 70;
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          runnable -> {
            Thread thread = new Thread(runnable, "longrope-watchdog");
            thread.setDaemon(true);
            return thread;
          });

  private final @Nullable ScheduledFuture<?> end;

  private Watchdog(@Nullable ScheduledFuture<?> end) {
    this.end = end;
  }

  /** Starts a watchdog, which the caller closes when the task has ended. */
  public static Watchdog arm(long deadlineMs) {
    return new Watchdog(
        TIMER.schedule(
            () -> {
              LOG.error("A task hangs beyond its deadline: this executor ends itself.");
              ProcessExit.skipDestructors();
              Runtime.getRuntime().halt(EXIT_HANGING);
            },
            deadlineMs + GRACE.toMillis(),
            TimeUnit.MILLISECONDS));
  }

  @Override
  public void close() {
    if (end != null) {
      end.cancel(false);
    }
  }
}
