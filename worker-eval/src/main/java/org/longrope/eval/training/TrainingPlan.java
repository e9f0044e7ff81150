package org.longrope.eval.training;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Settings of a training. Next-token loss, AdamW, norm clipping, linear warm-up.
 *
 * @param length tokens in a training sequence, BOS included
 * @param batch sequences per optimizer step
 * @param accumulation parts that a batch is computed in; changes memory, not the mean gradient
 * @param steps optimizer steps
 * @param learningRate its peak
 * @param warmupSteps steps over which the rate rises to its peak
 * @param decay of the rate after that
 * @param weightDecay decoupled decay of matrices per unit of learning rate
 * @param maxGradientNorm gradients above this global norm are scaled down to it
 * @param seed of the initial weights and of the order of the data
 * @param recompute whether activations are computed again for the backward pass, layer by layer:
 *     memory is that of one layer and of all layers' inputs, for a third more time
 */
// Saved states and training.json hold the names of the components as they are.
@JsonNaming(PropertyNamingStrategies.LowerCamelCaseStrategy.class)
public record TrainingPlan(
    int length,
    int batch,
    int accumulation,
    int steps,
    double learningRate,
    int warmupSteps,
    LearningRateDecay decay,
    double weightDecay,
    double maxGradientNorm,
    long seed,
    boolean recompute)
    implements Serializable {

  /** AdamW's decay of the first and second moment and the term that keeps it from dividing by 0. */
  static final double BETA_1 = 0.9;

  static final double BETA_2 = 0.95;
  static final double EPSILON = 1e-8;

  /** Returns all problems of the plan, a sentence each. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    check(problems, length >= 2, "length", length, "2 or more tokens");
    check(problems, batch >= 1, "batch-size", batch, "1 or more");
    check(
        problems,
        accumulation >= 1 && batch % Math.max(accumulation, 1) == 0,
        "gradient-accumulation-steps",
        accumulation,
        "a divisor of the batch size");
    check(problems, steps >= 1, "steps", steps, "1 or more");
    check(problems, learningRate > 0 && learningRate < 1, "learning-rate", learningRate, "0 to 1");
    check(
        problems,
        warmupSteps >= 0 && warmupSteps < Math.max(steps, 1),
        "warmup-steps",
        warmupSteps,
        "fewer than the steps");
    check(problems, weightDecay >= 0 && weightDecay < 1, "weight-decay", weightDecay, "0 to 1");
    check(problems, maxGradientNorm > 0, "max-grad-norm", maxGradientNorm, "a positive number");
    return problems;
  }

  private static void check(
      List<String> problems, boolean fine, String name, Number value, String expected) {
    if (!fine) {
      problems.add(String.format("--%s is %s: expected %s.", name, value, expected));
    }
  }

  /** Returns the learning rate of a step, counted from 1. */
  double learningRate(int step) {
    if (step <= warmupSteps) {
      return learningRate * step / warmupSteps;
    }
    return switch (decay) {
      case LINEAR -> learningRate * (steps - step + 1) / (steps - warmupSteps);
      case CONSTANT -> learningRate;
    };
  }
}
