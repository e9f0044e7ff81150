package org.longrope.driver.cli;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.training.LearningRateDecay;
import org.longrope.eval.training.TrainingPlan;
import picocli.CommandLine.Option;

/** Options of the optimizer and of the states that a training saves. */
final class TrainingOptions {
  static final String OPTIMIZER = "Optimizer";

  @Section(OPTIMIZER)
  @Option(names = "--learning-rate", paramLabel = "R", description = "Peak learning rate.")
  double learningRate;

  @Section(OPTIMIZER)
  @Option(names = "--warmup-steps", paramLabel = "N", description = "Steps of linear warm-up.")
  int warmupSteps;

  @Section(OPTIMIZER)
  @Option(names = "--batch-size", paramLabel = "N", description = "Sequences of a step.")
  int batch;

  @Section(OPTIMIZER)
  @Option(
      names = "--gradient-accumulation-steps",
      paramLabel = "N",
      description =
          "Parts in which a batch is computed: more parts take less memory. In finetune one part"
              + " for each sequence, unless given.")
  @Nullable Integer accumulation;

  @Section(OPTIMIZER)
  @Option(names = "--weight-decay", paramLabel = "W", description = "Weight decay of AdamW.")
  double weightDecay;

  @Section(OPTIMIZER)
  @Option(
      names = "--max-grad-norm",
      paramLabel = "G",
      description = "Norm to which larger gradients are scaled down.")
  double maxGradientNorm = 1;

  @Section(OPTIMIZER)
  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the order of the data and, in train, of new weights.")
  long seed = 42;

  @Section(Section.EXECUTION)
  @Option(
      names = "--checkpoint-every",
      paramLabel = "STEPS",
      description = "Steps between saved states, from which the same command resumes.")
  int checkpointEvery;

  @Section(Section.EXECUTION)
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of one process. Default: all cores; 1 with finetune --replicas.")
  @Nullable Integer threads;

  /**
   * Creates options without a command line.
   *
   * @param batch sequences of a step
   * @param accumulation parts of a batch; null for one part for each sequence
   * @param learningRate peak
   * @param checkpointEvery steps between saved states
   */
  TrainingOptions(
      int batch,
      @Nullable Integer accumulation,
      double learningRate,
      int warmupSteps,
      double weightDecay,
      int checkpointEvery) {
    this.batch = batch;
    this.accumulation = accumulation;
    this.learningRate = learningRate;
    this.warmupSteps = warmupSteps;
    this.weightDecay = weightDecay;
    this.checkpointEvery = checkpointEvery;
  }

  /** Returns the threads of this process: those asked for, else all cores. */
  int threads() {
    return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
  }

  /**
   * Builds the plan.
   *
   * @param length tokens of a sequence
   * @param recompute whether a layer's values are computed again for its gradient
   * @param problems to which wrong options are added
   */
  TrainingPlan plan(
      int length, int steps, LearningRateDecay decay, boolean recompute, List<String> problems) {
    TrainingPlan plan =
        new TrainingPlan(
            length,
            batch,
            accumulation == null ? batch : accumulation,
            steps,
            learningRate,
            warmupSteps,
            decay,
            weightDecay,
            maxGradientNorm,
            seed,
            recompute);
    problems.addAll(plan.problems());
    if (!(checkpointEvery >= 1)) {
      problems.add("--checkpoint-every is " + checkpointEvery + ": expected 1 or more.");
    }
    if (threads != null && !(threads >= 1)) {
      problems.add("--threads is " + threads + ": expected 1 or more.");
    }
    return plan;
  }

  /**
   * Reads the option --dtype.
   *
   * @param problems to which wrong options are added
   */
  static DType dtype(String text, List<String> problems) {
    try {
      return DType.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      problems.add("--dtype is " + text + ": expected f32, bf16 or f16.");
      return DType.F32;
    }
  }
}
