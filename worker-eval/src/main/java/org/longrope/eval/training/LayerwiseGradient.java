package org.longrope.eval.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.decoder.DecoderProgram;
import org.longrope.eval.decoder.TrainingMethods;

/**
 * The gradient of a batch with the activations of one layer at a time (arXiv 1604.06174): a first
 * way through keeps what goes into each layer; on the way back each layer is computed again and
 * differentiated, the output head block by block. Used inside a gradient collector.
 */
final class LayerwiseGradient {
  private final DecoderProgram program;
  private final ModelConfig config;
  private final Parameters parameters;

  LayerwiseGradient(DecoderProgram program, ModelConfig config, Parameters parameters) {
    this.program = program;
    this.config = config;
    this.parameters = parameters;
  }

  /**
   * Adds the gradient of scale · (mean next-token loss) to the parameters'.
   *
   * @param local for all that the pass makes
   * @param ids [B, T] int64
   * @param targets [B, T] int64
   * @param tables cos and sin, [T, d/2] each
   * @return the mean loss, nats
   */
  double add(PtNDManager local, NDArray ids, NDArray targets, PtNDArray[] tables, double scale) {
    List<PtNDArray> inputs = layerInputs(local, (PtNDArray) ids, tables);
    double loss;
    PtNDArray slope;
    try (PtNDManager once = (PtNDManager) local.newSubManager()) {
      PtNDArray hidden = variable(inputs.get(config.layers()), once);
      loss = head(once, hidden, targets, scale);
      slope = gradient(hidden, local);
    }
    for (int layer = config.layers() - 1; layer >= 0; layer--) {
      try (PtNDManager once = (PtNDManager) local.newSubManager();
          PtNDArray above = slope) {
        PtNDArray input = variable(inputs.get(layer), once);
        NDArray output =
            program.differentiable(
                method(layer), List.of(input, tables[0], tables[1]), parameters.layer(layer, once));
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

  /** Hidden states [B, T, D] that go into each layer, and those that leave the last. */
  private List<PtNDArray> layerInputs(PtNDManager local, PtNDArray ids, PtNDArray[] tables) {
    List<PtNDArray> inputs = new ArrayList<>();
    inputs.add(call(local, "embed", ids, (PtNDArray) parameters.embedding(local).get(0)));
    for (int layer = 0; layer < config.layers(); layer++) {
      try (PtNDManager once = (PtNDManager) local.newSubManager()) {
        PtNDArray[] weights = parameters.layer(layer, once).toArray(PtNDArray[]::new);
        inputs.add(call(local, method(layer), inputs.get(layer), tables[0], tables[1], weights));
      }
    }
    return inputs;
  }

  private PtNDArray call(PtNDManager local, String method, Object... arguments) {
    try (IValue result = program.call(method, arguments)) {
      return result.toTensor(local);
    }
  }

  /** In the place of a tensor a copy that autograd leads to: what inference made it refuses. */
  private static PtNDArray variable(PtNDArray made, PtNDManager once) {
    PtNDArray copy = (PtNDArray) made.duplicate();
    copy.attach(once);
    made.close();
    copy.setRequiresGradient(true);
    return copy;
  }

  private static PtNDArray gradient(PtNDArray variable, PtNDManager local) {
    PtNDArray gradient = (PtNDArray) variable.getGradient();
    gradient.attach(local);
    return gradient;
  }

  /** Goes back through the output head to the gradient of hidden [B, T, D]; the mean loss. */
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
