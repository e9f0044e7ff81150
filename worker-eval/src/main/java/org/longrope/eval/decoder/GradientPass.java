package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerSpec.RopeUse;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.Rescaling;

/**
 * Gradient of a sequence's NLL by its rescaling. The forward pass keeps the hidden states before
 * each layer. The backward pass goes from the output head to the first layer that uses the table
 * that the rescaling changes: it computes one layer again, takes the gradient back through it, and
 * sums the gradients by the table's cosines and sines. No weight has a gradient.
 *
 * <p>With c = a·cos and z = a·sin of angle(m, i) the derivatives of Σ NLL are, over positions m ≥
 * start tokens, Σ (∂c·z − ∂z·c)·angle by log λ_i, and, over all, Σ (∂c·c + ∂z·z) by log a. That by
 * ψ = log s of a query scale is s·∂s, of which each block of positions gives a part.
 */
final class GradientPass implements AutoCloseable {
  /** Part of the time that the forward pass takes, and the output head after it. */
  private static final double FORWARD_SHARE = 0.25;

  private static final double HEAD_SHARE = 0.1;

  private final LoadedDecoder decoder;
  private final int[] tokens;
  private final Rescaling rescaling;
  private final StopSignal stop;
  private final ToIntFunction<Stage> inputsOnDevice;
  private final LayerInputs inputs;
  private final List<StageState> stages = new ArrayList<>();
  private final double[] byScales;

  /**
   * Prepares the passes.
   *
   * @param tokens n ids of the vocabulary, BOS included
   * @param stop asked between parts of each layer; receives the progress of both passes
   * @param inputsOnDevice returns of how many layers of a stage the inputs stay on its device
   */
  GradientPass(
      LoadedDecoder decoder,
      int[] tokens,
      Rescaling rescaling,
      StopSignal stop,
      ToIntFunction<Stage> inputsOnDevice) {
    this.decoder = decoder;
    this.tokens = tokens;
    this.rescaling = rescaling;
    this.stop = stop;
    this.inputsOnDevice = inputsOnDevice;
    inputs = new LayerInputs(decoder);
    byScales = new double[rescaling.queryScales().size()];
  }

  /**
   * Computes both passes.
   *
   * @param from the first token to score, 1 … n−1
   */
  SequenceGradient compute(int from) {
    int lowest = lowestRotated();
    forward(lowest);
    double[] byFactors = new double[decoder.config().rope().pairs()];
    double byAttention = 0;
    try (PtNDManager targets = (PtNDManager) last().manager().newSubManager()) {
      LayerBuffers buffers = LayerBuffers.allocate(decoder, last());
      float[] nll =
          new GradientSteps(decoder, stop)
              .head(
                  last().hidden(),
                  StageState.ids(targets, Arrays.copyOfRange(tokens, 1, tokens.length)),
                  buffers,
                  from - 1);
      for (int s = stages.size() - 1; s >= 0; s--) {
        StageState state = stages.get(s);
        backward(state, buffers, lowest);
        double[] sums = derivatives(state, buffers);
        for (int i = 0; i < byFactors.length; i++) {
          byFactors[i] += sums[i];
        }
        byAttention += sums[byFactors.length];
        if (s > 0) {
          LayerBuffers below = LayerBuffers.allocate(decoder, stages.get(s - 1));
          decoder.program().run("move_into", below.slope(), buffers.slope(), 0, positions());
          buffers.close();
          buffers = below;
        }
      }
      double[] scales = rescaling.queryScales().toArray();
      Arrays.setAll(scales, i -> scales[i] * byScales[i]);
      return new SequenceGradient(nll, byFactors, byAttention, scales);
    }
  }

  private int positions() {
    return tokens.length - 1;
  }

  private StageState last() {
    return stages.get(stages.size() - 1);
  }

  /** Returns the first layer whose table the rescaling changes; the layer count if none does. */
  private int lowestRotated() {
    DecoderSpec config = decoder.config();
    int layer = 0;
    while (layer < config.layerCount() && config.layers().get(layer).rope() != RopeUse.MAIN) {
      layer++;
    }
    return layer;
  }

  private void forward(int lowest) {
    StopSignal forward = stop.part(0, FORWARD_SHARE);
    LayerSteps steps = new LayerSteps(decoder, forward);
    StageState previous = null;
    for (Stage stage : decoder.stages()) {
      int onDevice = inputsOnDevice.applyAsInt(stage);
      StageState state =
          StageState.allocate(decoder, stage, positions(), rescaling, tokens.length, false);
      stages.add(state);
      if (previous == null) {
        state.embed(decoder, Arrays.copyOf(tokens, positions()), 0);
      } else {
        decoder.program().run("move_into", state.hidden(), previous.hidden(), 0, positions());
      }
      for (int i = 0; i < stage.layers().size(); i++) {
        int layer = stage.firstLayer() + i;
        if (layer >= lowest) {
          inputs.keep(layer, state, i < onDevice);
        }
        steps.layer(
            layer,
            stage.layers().get(i),
            state.hidden(),
            state.tables().layer(layer),
            state.caches().get(i),
            0,
            positions());
      }
      previous = state;
    }
  }

  private void backward(StageState state, LayerBuffers buffers, int lowest) {
    List<IValue> layers = state.stage().layers();
    for (int i = layers.size() - 1; i >= 0; i--) {
      int layer = state.stage().firstLayer() + i;
      if (layer < lowest) {
        return;
      }
      double done = 1 - (layer + 1.0) / decoder.config().layerCount();
      stop.progress(FORWARD_SHARE + HEAD_SHARE + (1 - FORWARD_SHARE - HEAD_SHARE) * done);
      inputs.restore(layer, state);
      new GradientSteps(decoder, stop).layer(layer, layers.get(i), state, buffers, layer > lowest);
      if (decoder.config().layers().get(layer).rope() == RopeUse.MAIN) {
        addScales(layer, buffers);
      }
    }
  }

  /** Adds the gradient by a layer's query scales, block by block, whichever thread computed it. */
  private void addScales(int layer, LayerBuffers buffers) {
    QueryScales scales = rescaling.queryScales();
    if (scales.isNone()) {
      return;
    }
    int width = scales.heads() * scales.pairs();
    int first = scales.layers() == 1 ? 0 : layer * width;
    float[] slopes = buffers.scaleSlope().toFloatArray();
    for (int i = 0; i < slopes.length; i++) {
      byScales[first + i % width] += slopes[i];
    }
  }

  /** Returns the derivatives by log λ of each pair, and by log a, of a stage's layers. */
  private double[] derivatives(StageState state, LayerBuffers buffers) {
    try (PtNDManager local = (PtNDManager) state.manager().newSubManager()) {
      RopeTables tables = state.tables().main();
      PtNDArray[] sums =
          decoder
              .gradient()
              .get()
              .callForTensors(
                  local,
                  "rescaling_gradient",
                  RopeTables.doubles(local, decoder.config().rope().frequencies(tokens.length)),
                  RopeTables.doubles(local, rescaling.factors().toArray()),
                  rescaling.startTokens(),
                  tables.cos(),
                  tables.sin(),
                  buffers.cosSlope(),
                  buffers.sinSlope(),
                  Chunks.POSITIONS);
      double[] byFactors = sums[0].toDoubleArray();
      double[] all = Arrays.copyOf(byFactors, byFactors.length + 1);
      all[byFactors.length] = sums[1].toDoubleArray()[0];
      return all;
    }
  }

  @Override
  public void close() {
    inputs.close();
    stages.forEach(StageState::close);
  }
}
