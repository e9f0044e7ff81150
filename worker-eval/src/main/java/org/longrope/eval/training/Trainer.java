package org.longrope.eval.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.training.GradientCollector;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.DecoderProgram;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.RotationTables;
import org.longrope.eval.decoder.TrainingMethods;
import org.longrope.eval.rope.Rescaling;

/**
 * Training of a model step by step: next-token loss through the evaluation's own program, gradients
 * clipped by their global norm, AdamW. The state after step n depends on the plan, the data and the
 * state after step n−1 alone. Training that stops and resumes therefore ends with the same bits on
 * hardware of one kind ({@link org.longrope.eval.decoder.InstructionSet}) with as many threads.
 */
public final class Trainer implements AutoCloseable {
  /**
   * Result of one step.
   *
   * @param step from 1
   * @param loss mean next-token loss before the step, nats
   * @param gradientNorm before clipping
   * @param learningRate of this step
   */
  public record Step(int step, double loss, double gradientNorm, double learningRate) {}

  /** Lock of the one gradient collector of a process; replicas of one process take turns. */
  private static final Object COLLECTING = new Object();

  private final TrainedModel model;
  private final TrainingPlan plan;
  private final TokenStream data;
  private final FactorSchedule schedule;
  private final Replicas replicas;
  private final PtNDManager manager;
  private final DecoderProgram program;
  private final Parameters parameters;
  private final LayerwiseGradient layerwise;
  private @Nullable RotationTables tables;
  private @Nullable Rescaling rescaling;
  private int step;

  /**
   * Prepares the first step after a state.
   *
   * @param schedule rescaling of each step
   * @param start weights, moments and step to resume from
   * @param replicas that train together
   * @param device to train on
   */
  public Trainer(
      TrainedModel model,
      TrainingPlan plan,
      TokenStream data,
      FactorSchedule schedule,
      TrainingState start,
      Replicas replicas,
      Device device) {
    this.model = model;
    this.plan = plan;
    this.data = data;
    this.schedule = schedule;
    this.replicas = replicas;
    manager = Libtorch.manager(device);
    program = DecoderProgram.loadForTraining(manager, model.config());
    parameters = new Parameters(manager, model, start);
    layerwise = new LayerwiseGradient(program, model.config(), parameters);
    step = start.step();
  }

  /** Returns the number of steps done so far. */
  public int step() {
    return step;
  }

  /** Does the next step. */
  public Step next() {
    int number = step + 1;
    RotationTables current = tables(schedule.at(number));
    int part = plan.batch() / plan.accumulation();
    double loss = 0;
    for (int p = replicas.rank(); p < plan.accumulation(); p += replicas.count()) {
      synchronized (COLLECTING) {
        loss += backward(current, number, p * part, part) / plan.accumulation();
      }
    }
    // Taken once: a weight outside of the graph, such as an expert that no token chose, has no
    // gradient of its own, and each call would make zeros for it.
    PtNDArray[] gradients = parameters.gradients();
    try {
      loss = exchange(loss, gradients);
      double rate = plan.learningRate(number);
      double norm = update(number, rate, gradients);
      step = number;
      return new Step(number, loss, norm, rate);
    } finally {
      for (PtNDArray gradient : gradients) {
        gradient.close();
      }
    }
  }

  /** Adds the gradient of rows [from, from + rows) of the step's batch; returns their mean loss. */
  private double backward(RotationTables current, int number, int from, int rows) {
    try (PtNDManager local = (PtNDManager) manager.newSubManager()) {
      LongBuffer ids = LongBuffer.allocate(rows * plan.length());
      LongBuffer targets = LongBuffer.allocate(rows * plan.length());
      for (int row = 0; row < rows; row++) {
        long[] sequence = data.sequence(plan.length(), plan.seed(), number, from + row);
        ids.put(sequence, 0, plan.length());
        targets.put(sequence, 1, plan.length());
      }
      Shape shape = new Shape(rows, plan.length());
      NDArray idTensor = local.create(ids.flip(), shape, ai.djl.ndarray.types.DataType.INT64);
      NDArray targetTensor =
          local.create(targets.flip(), shape, ai.djl.ndarray.types.DataType.INT64);
      try (GradientCollector gradients = manager.getEngine().newGradientCollector()) {
        if (plan.recompute()) {
          return layerwise.add(local, idTensor, targetTensor, current, 1.0 / plan.accumulation());
        }
        List<NDArray> arguments = new ArrayList<>(List.of(idTensor, targetTensor));
        arguments.addAll(current.inOrder());
        NDArray loss =
            program.differentiable(
                TrainingMethods.MEAN_LOSS, arguments, parameters.inProgramOrder(local));
        gradients.backward(plan.accumulation() == 1 ? loss : loss.div(plan.accumulation()));
        return loss.getFloat();
      }
    }
  }

  private RotationTables tables(Rescaling now) {
    RotationTables current = tables;
    if (current != null && now.equals(rescaling)) {
      return current;
    }
    if (current != null) {
      current.close();
    }
    try (RotationTables computed =
        RotationTables.of(program, manager, model.config(), now, plan.length(), plan.length())) {
      current = computed.duplicate();
    }
    tables = current;
    rescaling = now;
    return current;
  }

  /** Sums gradients and loss over the replicas. */
  private double exchange(double loss, PtNDArray[] gradients) {
    if (replicas.count() == 1) {
      return loss;
    }
    float[] sum = {(float) loss};
    replicas.sum(sum);
    for (PtNDArray gradient : gradients) {
      float[] values = HeapTensors.values(gradient);
      replicas.sum(values);
      HeapTensors.set(gradient, values);
    }
    return sum[0];
  }

  private double update(int number, double rate, PtNDArray[] gradients) {
    try (IValue norm =
        program.call(
            "adamw",
            parameters.trained(),
            gradients,
            parameters.firstMoments(),
            parameters.secondMoments(),
            rate,
            TrainingPlan.BETA_1,
            TrainingPlan.BETA_2,
            TrainingPlan.EPSILON,
            plan.weightDecay(),
            number,
            plan.maxGradientNorm())) {
      return norm.toDouble();
    }
  }

  /** Returns a copy of the trained weights and their moments as they are now. */
  public TrainingState state() {
    return parameters.state(step);
  }

  @Override
  public void close() {
    program.close();
    manager.close();
  }
}
