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
 * Shows the steps that another process adds to a training's curve, each once and in their order,
 * until it is closed. Only one thread at a time reads and shows.
 */
final class CurveWatch implements AutoCloseable {
  private final Supplier<List<Trainer.Step>> curve;
  private final Consumer<Trainer.Step> progress;
  private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
  private int shown;

  /**
   * @param curve the steps so far; those that are there now are not shown
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

  /** Shows what is left, once the thread that watches is done. */
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
