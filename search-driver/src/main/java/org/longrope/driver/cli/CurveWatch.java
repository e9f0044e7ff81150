package org.longrope.driver.cli;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.longrope.eval.training.Trainer;

/**
 * Watch of the curve of a training in another process: passes on each new step once, in order,
 * until it is closed. One thread at a time reads the curve.
 */
final class CurveWatch implements AutoCloseable {
  private final Supplier<List<Trainer.Step>> curve;
  private final Consumer<Trainer.Step> progress;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private int shown;

  /**
   * Watches the curve of a training.
   *
   * @param curve supplies the steps so far; the first ones are not passed on
   */
  CurveWatch(
      Supplier<List<Trainer.Step>> curve, Consumer<Trainer.Step> progress, Duration interval) {
    this.curve = curve;
    this.progress = progress;
    shown = curve.get().size();
    thread.scheduleWithFixedDelay(
        this::look, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    List<Trainer.Step> steps = curve.get();
    steps.subList(Math.min(shown, steps.size()), steps.size()).forEach(progress);
    shown = steps.size();
  }

  /** Stops the watching thread, then passes on the remaining steps. */
  @Override
  public void close() {
    thread.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    look();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
