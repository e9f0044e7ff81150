package org.longrope.eval.training;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import org.longrope.eval.StrictJson;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.TinyCheckpoints;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Plans, data and gradients for the tests of training. */
final class Trainings {
  /** A norm that no gradient reaches. */
  static final double NO_CLIPPING = 1e9;

  private Trainings() {}

  static TokenStream randomStream() {
    int[] tokens = new Random(3).ints(400, 0, TinyCheckpoints.VOCABULARY).toArray();
    return TokenStream.of(List.of(tokens), OptionalInt.empty());
  }

  static Rescaling rescaling(DecoderSpec config) {
    return new Rescaling(RescaleFactors.uniform(config.rope().pairs(), 2), 3, 1.05);
  }

  static Trainer trainer(
      Checkpoint checkpoint, TrainingPlan plan, TokenStream data, TrainingState start) {
    DecoderSpec config = checkpoint.config();
    return new Trainer(
        TrainedModel.whole(config),
        plan,
        data,
        schedule(config),
        start,
        Replicas.ONE,
        Device.cpu());
  }

  static ObjectNode configJson(Checkpoint checkpoint) {
    return StrictJson.readObject(checkpoint.directory().resolve("config.json"));
  }

  static FactorSchedule schedule(DecoderSpec config) {
    return FactorSchedule.of(rescaling(config), 1);
  }

  static TrainingState begin(Checkpoint checkpoint) {
    return TrainingState.begin(StateFiles.weightsOf(checkpoint));
  }

  /**
   * Returns the gradient that a step computes at these weights, before clipping: with no moments
   * before it, the first moment after a step is a tenth of it.
   */
  static Map<String, double[]> gradient(
      Checkpoint checkpoint,
      TrainingPlan plan,
      TokenStream data,
      int step,
      Map<String, FloatTensor> weights) {
    TrainingPlan unclipped =
        new TrainingPlan(
            plan.length(),
            plan.batch(),
            plan.accumulation(),
            plan.steps(),
            plan.learningRate(),
            plan.warmupSteps(),
            plan.decay(),
            plan.weightDecay(),
            NO_CLIPPING,
            plan.seed(),
            plan.recompute());
    TrainingState start = new TrainingState(step - 1, weights, Map.of(), Map.of());
    try (Trainer trainer = trainer(checkpoint, unclipped, data, start)) {
      trainer.next();
      Map<String, double[]> gradient = doubles(trainer.state().firstMoments());
      gradient.values().forEach(values -> scale(values, 1 / (1 - TrainingPlan.BETA_1)));
      return gradient;
    }
  }

  static void scale(double[] values, double factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
  }

  static Map<String, double[]> doubles(Map<String, FloatTensor> tensors) {
    Map<String, double[]> copy = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          double[] values = new double[tensor.values().length];
          for (int i = 0; i < values.length; i++) {
            values[i] = tensor.values()[i];
          }
          copy.put(name, values);
        });
    return copy;
  }

  static double norm(Map<String, double[]> gradient) {
    double squares = 0;
    for (double[] values : gradient.values()) {
      for (double value : values) {
        squares += value * value;
      }
    }
    return Math.sqrt(squares);
  }
}
