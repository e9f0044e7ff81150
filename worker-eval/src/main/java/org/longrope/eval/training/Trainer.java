package org.longrope.eval.training;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.training.GradientCollector;
import java.nio.LongBuffer;
import java.util.Arrays;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.decoder.DecoderProgram;
import org.longrope.eval.decoder.RopeTables;
import org.longrope.eval.rope.Rescaling;

/**
 * Trains a model step by step: next-token loss through the evaluation's own program, gradients
 * clipped by their global norm, AdamW. The state after step n depends on the plan, the data and the
 * state after step n−1 alone, so training that stops and goes on ends with the same bits.
 */
public final class Trainer implements AutoCloseable {
  /**
   * What one step did.
   *
   * @param step from 1
   * @param loss mean next-token loss before the step, nats
   * @param gradientNorm before clipping
   * @param learningRate of this step
   */
  public record Step(int step, double loss, double gradientNorm, double learningRate) {}

  private final TrainingPlan plan;
  private final TokenStream data;
  private final PtNDManager manager;
  private final DecoderProgram program;
  private final Parameters parameters;
  private final PtNDArray[] tables;
  private int step;

  /**
   * @param start the weights, moments and step to go on from
   * @param rescaling how the model reads positions while it is trained
   */
  public Trainer(
      ModelConfig config,
      TrainingPlan plan,
      TokenStream data,
      Rescaling rescaling,
      TrainingState start) {
    this.plan = plan;
    this.data = data;
    manager = (PtNDManager) NDManager.newBaseManager("PyTorch");
    program = DecoderProgram.loadForTraining(manager, config);
    parameters = new Parameters(manager, config, start);
    // Autograd refuses what inference mode made; a copy is an ordinary tensor.
    tables =
        Arrays.stream(RopeTables.of(program, manager, config.rope(), rescaling, plan.length()))
            .map(table -> (PtNDArray) table.duplicate())
            .toArray(PtNDArray[]::new);
    step = start.step();
  }

  /** Steps done so far. */
  public int step() {
    return step;
  }

  /** Does the next step. */
  public Step next() {
    int number = step + 1;
    int part = plan.batch() / plan.accumulation();
    double loss = 0;
    for (int p = 0; p < plan.accumulation(); p++) {
      loss += backward(number, p * part, part) / plan.accumulation();
    }
    double rate = plan.learningRate(number);
    double norm = update(number, rate);
    step = number;
    return new Step(number, loss, norm, rate);
  }

  /** Adds the gradient of rows [from, from + rows) of the step's batch; returns their mean loss. */
  private double backward(int number, int from, int rows) {
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
      try (GradientCollector gradients = Engine.getEngine("PyTorch").newGradientCollector()) {
        NDArray loss =
            program.trainingLoss(idTensor, targetTensor, tables, parameters.inProgramOrder(local));
        gradients.backward(plan.accumulation() == 1 ? loss : loss.div(plan.accumulation()));
        return loss.getFloat();
      }
    }
  }

  private double update(int number, double rate) {
    PtNDArray[] gradients = parameters.gradients();
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
    } finally {
      for (PtNDArray gradient : gradients) {
        gradient.close();
      }
    }
  }

  /** A copy of the weights and moments as they are now. */
  public TrainingState state() {
    return parameters.state(step);
  }

  @Override
  public void close() {
    program.close();
    manager.close();
  }
}
