package org.longrope.eval.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import org.longrope.eval.decoder.DecoderProgram;
import org.longrope.eval.decoder.LayerRotation;
import org.longrope.eval.decoder.RotationTables;
import org.longrope.eval.decoder.TrainingMethods;
import org.longrope.eval.family.DecoderSpec;

/**
 * Gradient of a batch with the activations of one layer at a time (arXiv 1604.06174). The forward
 * pass keeps the input of each layer; the backward pass computes each layer again and
 * differentiates it, the output head block by block. Used inside a gradient collector.
 */
final class LayerwiseGradient {
  private final DecoderProgram program;
  private final DecoderSpec config;
  private final Parameters parameters;

  LayerwiseGradient(DecoderProgram program, DecoderSpec config, Parameters parameters) {
    this.program = program;
    this.config = config;
    this.parameters = parameters;
  }

  /**
   * Adds the gradient of scale · (mean next-token loss) to the parameters'.
   *
   * @param local manager of the pass's tensors
   * @param ids [B, T] int64
   * @param targets [B, T] int64
   * @param tables for T positions
   * @return the mean loss, nats
   */
  double add(PtNDManager local, NDArray ids, NDArray targets, RotationTables tables, double scale) {
    List<PtNDArray> inputs = layerInputs(local, (PtNDArray) ids, tables);
    double loss;
    PtNDArray slope;
    try (PtNDManager once = (PtNDManager) local.newSubManager()) {
      PtNDArray hidden = variable(inputs.get(config.layerCount()), once);
      loss = head(once, hidden, targets, scale);
      slope = gradient(hidden, local);
    }
    for (int layer = config.layerCount() - 1; layer >= 0; layer--) {
      try (PtNDManager once = (PtNDManager) local.newSubManager();
          PtNDArray above = slope) {
        PtNDArray input = variable(inputs.get(layer), once);
        LayerRotation rotation = tables.layer(layer);
        NDArray output =
            program.differentiable(
                method(layer),
                List.of(input, rotation.cos(), rotation.sin(), rotation.queryScales()),
                parameters.layer(layer, once));
        JniUtils.backward((PtNDArray) output, above, false, false);
        slope = gradient(input, local);
      }
    }
    if (parameters.trainsEmbedding()) {
      NDArray embedded =
          program.differentiable(
              TrainingMethods.EMBEDDING, List.of(ids), parameters.embedding(local));
      JniUtils.backward((PtNDArray) embedded, slope, false, false);
    }
    return loss;
  }

  private String method(int layer) {
    return TrainingMethods.layer(config.attentionWindows().get(layer));
  }

  /** Returns the hidden states [B, T, D] before each layer, and those after the last. */
  private List<PtNDArray> layerInputs(PtNDManager local, PtNDArray ids, RotationTables tables) {
    List<PtNDArray> inputs = new ArrayList<>();
    inputs.add(
        program.callForTensor(
            local, TrainingMethods.EMBEDDING, ids, weights(parameters.embedding(local))));
    for (int layer = 0; layer < config.layerCount(); layer++) {
      LayerRotation rotation = tables.layer(layer);
      try (PtNDManager once = (PtNDManager) local.newSubManager()) {
        inputs.add(
            program.callForTensor(
                local,
                method(layer),
                inputs.get(layer),
                rotation.cos(),
                rotation.sin(),
                rotation.queryScales(),
                weights(parameters.layer(layer, once))));
      }
    }
    return inputs;
  }

  private static PtNDArray[] weights(List<NDArray> weights) {
    return weights.toArray(PtNDArray[]::new);
  }

  /** Replaces a tensor of inference mode, which autograd rejects, by a copy that it accepts. */
  private static PtNDArray variable(PtNDArray inferred, PtNDManager once) {
    PtNDArray copy = (PtNDArray) inferred.duplicate();
    copy.attach(once);
    inferred.close();
    copy.setRequiresGradient(true);
    return copy;
  }

  private static PtNDArray gradient(PtNDArray variable, PtNDManager local) {
    PtNDArray gradient = (PtNDArray) variable.getGradient();
    gradient.attach(local);
    return gradient;
  }

  /** Adds the gradient of the output head and of hidden [B, T, D]; returns the mean loss. */
  private double head(PtNDManager once, PtNDArray hidden, NDArray targets, double scale) {
    long length = targets.getShape().get(1);
    long tokens = targets.getShape().size();
    List<NDArray> output = parameters.output(once);
    double sum = 0;
    for (long s = 0; s < length; s += TrainingMethods.headPositions(config)) {
      long e = Math.min(length, s + TrainingMethods.headPositions(config));
      try (PtNDManager block = (PtNDManager) once.newSubManager()) {
        NDIndex positions = new NDIndex(":, {}:{}", s, e);
        NDArray loss =
            program.differentiable(
                TrainingMethods.LOSS_SUM,
                List.of(hidden.get(block, positions), targets.get(block, positions)),
                output);
        PtNDArray slope = (PtNDArray) block.create((float) (scale / tokens));
        JniUtils.backward((PtNDArray) loss, slope, false, false);
        sum += loss.getFloat();
      }
    }
    return sum / tokens;
  }
}
