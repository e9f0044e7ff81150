package org.longrope.eval.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TrainingPlanTest {
  @Test
  void problems_soundPlan_areNone() {
    assertThat(
            new TrainingPlan(2, 1, 1, 1, 1e-9, 0, LearningRateDecay.LINEAR, 0, 1e-9, 0, false)
                .problems())
        .isEmpty();
    assertThat(
            new TrainingPlan(256, 8, 4, 100, 1e-3, 99, LearningRateDecay.LINEAR, 0.1, 1, 42, false)
                .problems())
        .isEmpty();
  }

  @Test
  void problems_everythingWrong_areAllReturned() {
    double nan = Double.NaN;
    assertThat(
            new TrainingPlan(1, 0, 0, 0, nan, -1, LearningRateDecay.LINEAR, nan, nan, 0, false)
                .problems())
        .containsExactly(
            "--length is 1: expected 2 or more tokens.",
            "--batch-size is 0: expected 1 or more.",
            "--gradient-accumulation-steps is 0: expected a divisor of the batch size.",
            "--steps is 0: expected 1 or more.",
            "--learning-rate is NaN: expected 0 to 1.",
            "--warmup-steps is -1: expected fewer than the steps.",
            "--weight-decay is NaN: expected 0 to 1.",
            "--max-grad-norm is NaN: expected a positive number.");
  }

  @Test
  void problems_contradictingNumbers_areReturned() {
    assertThat(
            new TrainingPlan(8, 8, 3, 10, 1e-3, 10, LearningRateDecay.LINEAR, 0, 1, 0, false)
                .problems())
        .containsExactly(
            "--gradient-accumulation-steps is 3: expected a divisor of the batch size.",
            "--warmup-steps is 10: expected fewer than the steps.");
  }

  @Test
  void learningRate_withWarmup_risesToItsPeakAndFallsTowardsZero() {
    TrainingPlan plan =
        new TrainingPlan(8, 1, 1, 10, 0.4, 4, LearningRateDecay.LINEAR, 0, 1, 0, false);
    double[] expected = {0.1, 0.2, 0.3, 0.4, 0.4, 2 / 6.0, 1.6 / 6, 0.2, 0.8 / 6, 0.4 / 6};
    for (int step = 1; step <= 10; step++) {
      assertThat(plan.learningRate(step))
          .as("step %d", step)
          .isCloseTo(expected[step - 1], within(1e-12));
    }
  }

  @Test
  void learningRate_withoutWarmup_beginsAtItsPeak() {
    TrainingPlan plan =
        new TrainingPlan(8, 1, 1, 4, 0.4, 0, LearningRateDecay.LINEAR, 0, 1, 0, false);
    assertThat(plan.learningRate(1)).isEqualTo(0.4);
    assertThat(plan.learningRate(4)).isCloseTo(0.1, within(1e-12));
  }
}
