package org.longrope.driver.cli;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.longrope.eval.training.Trainer;
import org.longrope.eval.training.TrainingPlan;

/**
 * Progress of a training: a line with loss, speed and remaining time for the first step, for every
 * tenth step and, if steps take long, every half minute.
 */
final class TrainingProgress implements Consumer<Trainer.Step> {
  /** Steps between two lines. */
  private static final int EVERY = 10;

  private static final double QUIET_SECONDS = 30;

  private final TrainingPlan plan;
  private final LongSupplier nanoTime;
  private final long start;
  private int before = -1;
  private double lastLine;

  TrainingProgress(TrainingPlan plan) {
    this(plan, System::nanoTime);
  }

  /**
   * Measures progress by a clock.
   *
   * @param nanoTime the clock, nanoseconds
   */
  TrainingProgress(TrainingPlan plan, LongSupplier nanoTime) {
    this.plan = plan;
    this.nanoTime = nanoTime;
    start = nanoTime.getAsLong();
  }

  @Override
  public void accept(Trainer.Step step) {
    boolean first = before < 0;
    if (first) {
      before = step.step() - 1; // The clock started before this step.
    }
    double seconds = (nanoTime.getAsLong() - start) * 1e-9;
    boolean due = step.step() % EVERY == 0 || seconds - lastLine >= QUIET_SECONDS;
    if (!first && !due && step.step() != plan.steps()) {
      return;
    }
    lastLine = seconds;
    double perStep = seconds / (step.step() - before);
    Progress.line(
        "step %d/%d  loss %.4f  gradient norm %.3f  %,.0f tokens/s  ETA %s",
        step.step(),
        plan.steps(),
        step.loss(),
        step.gradientNorm(),
        (double) plan.batch() * plan.length() / perStep,
        Durations.text(perStep * (plan.steps() - step.step())));
  }
}
