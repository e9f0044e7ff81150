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
 * Ends this process when an evaluation does not even stop at its deadline: native code that hangs
 * cannot be interrupted, and a dead executor is replaced where a hanging one would hold its GPU all
 * night.
 */
public final class Watchdog implements AutoCloseable {
  /** Guards nothing: the driver's own process is not to be ended. */
  public static final Watchdog NONE = new Watchdog(null);

  /** Between two looks at the stop signal, even of the longest slab. */
  private static final Duration GRACE = Duration.ofMinutes(1);

  private static final int EXIT_HANGING = 70;
  private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
  private static final ScheduledExecutorService TIMER =
      Executors.newSingleThreadScheduledExecutor(
          runnable -> {
            Thread thread = new Thread(runnable, "longrope-hang-guard");
            thread.setDaemon(true);
            return thread;
          });

  private final @Nullable ScheduledFuture<?> end;

  private Watchdog(@Nullable ScheduledFuture<?> end) {
    this.end = end;
  }

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
