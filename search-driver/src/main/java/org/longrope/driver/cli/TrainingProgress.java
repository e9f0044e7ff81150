package org.longrope.driver.cli;

import java.util.function.Consumer;
import org.longrope.eval.training.Trainer;
import org.longrope.eval.training.TrainingPlan;

/** A line for every few steps of a training: loss, speed and the time to go. */
final class TrainingProgress implements Consumer<Trainer.Step> {
  /** Steps between two lines. */
  private static final int EVERY = 10;

  private final TrainingPlan plan;
  private final long start = System.nanoTime();
  private int first;

  TrainingProgress(TrainingPlan plan) {
    this.plan = plan;
  }

  @Override
  public void accept(Trainer.Step step) {
    if (first == 0) {
      first = step.step() - 1; // The time began before it.
    }
    if (step.step() % EVERY != 0 && step.step() != plan.steps()) {
      return;
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    double perStep = seconds / (step.step() - first);
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
