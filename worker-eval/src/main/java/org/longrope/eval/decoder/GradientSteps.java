package org.longrope.eval.decoder;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.longrope.eval.family.LayerSpec.RopeUse;

/**
 * Steps of the backward pass through the output head and through single layers, the counterparts of
 * {@link LayerSteps}. Autograd goes through one block of positions at a time, with the attention's
 * output as a constant; the attention has a backward pass of its own by heads.
 *
 * @param stop asked before each part
 */
record GradientSteps(LoadedDecoder decoder, StopSignal stop) {
  private DecoderProgram program() {
    return decoder.gradient().get();
  }

  private Parts parts() {
    return new Parts(decoder.chunks().shared(), stop);
  }

  /**
   * Scores tokens and writes the gradient of their sum by the hidden states to the buffers.
   *
   * @param hidden after all layers, [1, T, D]
   * @param targets ids [1, T], each the token that follows the position
   * @param from first position that is scored
   * @return NLL in nats of the targets from there
   */
  float[] head(PtNDArray hidden, PtNDArray targets, LayerBuffers buffers, int from) {
    int positions = Math.toIntExact(targets.size());
    float[] nll = new float[positions - from];
    try (PtNDManager outer = (PtNDManager) buffers.manager().newSubManager()) {
      List<PtNDArray> weights = Arrays.asList(decoder.output().toTensorArray(outer));
      parts()
          .blocks(
              decoder.config().layerCount(),
              from,
              positions,
              decoder.chunks().gradientHead(decoder.config()),
              (s, e) -> {
                try (PtNDManager local = (PtNDManager) outer.newSubManager()) {
                  List<PtNDArray> arguments =
                      List.of(at(local, s, e), hidden, targets, buffers.slope());
                  float[] block =
                      program()
                          .callWithAutograd("head_gradient", arguments, weights)
                          .toFloatArray();
                  System.arraycopy(block, 0, nll, s - from, block.length);
                }
              });
    }
    return nll;
  }

  /**
   * Takes the gradient by a layer's output back to its input, in the buffers, and adds what the
   * layer gives to the gradient by the table of angles. It overwrites the gradient by query scales
   * with that by the layer's.
   *
   * @param index of the layer within the model
   * @param weights of the layer
   * @param state with the layer's input as its hidden states; its keys and values are overwritten
   * @param toInput whether a layer before it needs the gradient by the input
   */
  void layer(int index, IValue weights, StageState state, LayerBuffers buffers, boolean toInput) {
    PtNDArray hidden = state.hidden();
    LayerRotation rotation = state.tables().layer(index);
    KeyValueCache cache = state.caches().get(0);
    int positions = Math.toIntExact(hidden.getShape().get(1));
    boolean rotates = decoder.config().layers().get(index).rope() == RopeUse.MAIN;
    new LayerSteps(decoder, stop)
        .queriesKeysValues(index, weights, hidden, rotation, buffers.q(), cache, 0, positions);
    attention(index, weights, cache, buffers, positions, false);
    try (PtNDManager outer = (PtNDManager) buffers.manager().newSubManager()) {
      List<PtNDArray> tensors = Arrays.asList(weights.toTensorArray(outer));
      blocks(
          index,
          positions,
          outer,
          "output_gradient",
          List.of(hidden, buffers.o(), buffers.slope(), buffers.outputSlope()),
          tensors);
      clear(buffers.keySlope());
      clear(buffers.valueSlope());
      attention(index, weights, cache, buffers, positions, true);
      blocks(
          index,
          positions,
          outer,
          "projections_gradient",
          List.of(
              hidden,
              rotation.cos(),
              rotation.sin(),
              rotation.queryScales(),
              buffers.q(),
              buffers.keySlope(),
              buffers.valueSlope(),
              buffers.slope(),
              buffers.cosSlope(),
              buffers.sinSlope(),
              buffers.scaleSlope()),
          tensors,
          toInput ? 1 : 0,
          rotates ? 1 : 0,
          decoder.chunks().block());
    }
  }

  private void attention(
      int index,
      IValue weights,
      KeyValueCache cache,
      LayerBuffers buffers,
      int positions,
      boolean back) {
    int heads = decoder.config().attention().heads();
    int together = decoder.chunks().headsTogether(heads, positions);
    int window = decoder.windows().get(index);
    parts()
        .run(
            index,
            heads / together,
            i -> {
              int a = i * together;
              int b = a + together;
              PtNDArray k = cache.keys();
              PtNDArray v = cache.values();
              if (back) {
                program()
                    .run(
                        "attention_gradient",
                        buffers.q(),
                        k,
                        v,
                        buffers.o(),
                        buffers.lse(),
                        buffers.outputSlope(),
                        buffers.keySlope(),
                        buffers.valueSlope(),
                        a,
                        b,
                        window);
              } else {
                program()
                    .run(
                        "attention_lse",
                        buffers.q(),
                        k,
                        v,
                        weights,
                        buffers.o(),
                        buffers.lse(),
                        a,
                        b,
                        window);
              }
            });
  }

  private void blocks(
      int index,
      int positions,
      PtNDManager outer,
      String method,
      List<PtNDArray> arguments,
      List<PtNDArray> weights,
      long... flags) {
    parts()
        .blocks(
            index,
            0,
            positions,
            decoder.chunks().block(),
            (s, e) -> {
              try (PtNDManager local = (PtNDManager) outer.newSubManager()) {
                List<NDArray> all = new ArrayList<>();
                all.add(at(local, s, e, flags));
                all.addAll(arguments);
                program().callWithAutograd(method, all, weights).close();
              }
            });
  }

  private static void clear(PtNDArray tensor) {
    tensor.muli(0);
  }

  /**
   * Returns positions s … e and flags as a tensor on the CPU, whose elements cost nothing to read.
   */
  private static PtNDArray at(PtNDManager local, int s, int e, long... flags) {
    long[] all = new long[flags.length + 2];
    all[0] = s;
    all[1] = e;
    System.arraycopy(flags, 0, all, 2, flags.length);
    return (PtNDArray) local.create(all).toDevice(Device.cpu(), false);
  }
}
