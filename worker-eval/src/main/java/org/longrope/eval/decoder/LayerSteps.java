package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.function.IntConsumer;
import org.longrope.eval.checkpoint.ModelConfig;

/**
 * Steps of consecutive positions through single layers, and their NLL at the end. A layer has three
 * steps: queries, keys and values of blocks of positions; attention of single heads; output
 * projection and feed-forward of blocks of positions. The parts of a step are shared by the {@link
 * EvaluationThreads}.
 *
 * @param windows attention window of each layer; 0: all keys
 * @param stop asked before each part, and told before each slab of a layer how far the layers are
 */
record LayerSteps(
    DecoderProgram program, ModelConfig config, long[] windows, Chunks chunks, StopSignal stop) {

  /**
   * Takes the hidden states of positions through a layer, in place.
   *
   * @param layer index within the model
   * @param weights of the layer
   * @param hidden [1, T, D]
   * @param tables cos and sin, [T, R/2] each
   * @param caches keys and values of the layer, [1, G, T, h] each, filled for positions before
   *     {@code from}; those of the positions are added
   * @param from first position
   * @param to position after the last
   */
  void advance(
      int layer,
      IValue weights,
      PtNDArray hidden,
      PtNDArray[] tables,
      PtNDArray[] caches,
      int from,
      int to) {
    for (int s = from; s < to; s += chunks.slab()) {
      stop.progress((layer + (double) (s - from) / (to - from)) / config.layers());
      advanceSlab(layer, weights, hidden, tables, caches, s, Math.min(to, s + chunks.slab()));
    }
  }

  private void advanceSlab(
      int layer,
      IValue weights,
      PtNDArray hidden,
      PtNDArray[] tables,
      PtNDArray[] caches,
      int first,
      int last) {
    int heads = config.attentionHeads();
    double eps = config.rmsNormEpsilon();
    try (PtNDManager local = (PtNDManager) hidden.getManager().newSubManager();
        IValue room =
            program.call("queries", hidden, heads, last - first, config.headDimension())) {
      PtNDArray q = room.toTensor(local);
      PtNDArray k = caches[0];
      PtNDArray v = caches[1];
      blocks(
          layer,
          first,
          last,
          chunks.positions(),
          (s, e) ->
              program
                  .call(
                      "queries_keys_values",
                      hidden,
                      tables[0],
                      tables[1],
                      weights,
                      q,
                      k,
                      v,
                      first,
                      s,
                      e,
                      eps)
                  .close());
      int together = chunks.headsTogether(heads, last - first);
      parts(
          layer,
          heads / together,
          i ->
              program
                  .call(
                      "attention", q, k, v, first, i * together, (i + 1) * together, windows[layer])
                  .close());
      blocks(
          layer,
          first,
          last,
          chunks.positions(),
          (s, e) -> program.call("output", hidden, weights, q, first, s, e, eps).close());
    }
  }

  /**
   * Scores tokens.
   *
   * @param hidden after all layers, [1, T, D]
   * @param output final norm and output head
   * @param targets ids [1, T], each the token that follows the position
   * @param from first position
   * @param to position after the last
   * @return NLL in nats of the targets of the positions
   */
  float[] score(PtNDArray hidden, PtNDArray[] output, PtNDArray targets, int from, int to) {
    float[] nll = new float[to - from];
    blocks(
        config.layers(),
        from,
        to,
        chunks.headPositions(),
        (s, e) -> {
          try (PtNDManager local = (PtNDManager) hidden.getManager().newSubManager();
              IValue result =
                  program.call(
                      "head",
                      hidden,
                      output[0],
                      output[1],
                      targets,
                      s,
                      e,
                      config.rmsNormEpsilon(),
                      chunks.words())) {
            float[] block = result.toTensor(local).toFloatArray();
            System.arraycopy(block, 0, nll, s - from, block.length);
          }
        });
    return nll;
  }

  /** A range of positions s … e. */
  @FunctionalInterface
  private interface Block {
    void compute(int s, int e);
  }

  private void blocks(int layer, int from, int to, int size, Block block) {
    parts(
        layer,
        (to - from + size - 1) / size,
        i -> {
          int s = from + i * size;
          block.compute(s, Math.min(to, s + size));
        });
  }

  private void parts(int layer, int count, IntConsumer part) {
    IntConsumer unlessStopped =
        i -> {
          if (stop.raised()) {
            throw new StoppedException(layer);
          }
          part.accept(i);
        };
    if (chunks.shared()) {
      EvaluationThreads.run(count, unlessStopped);
    } else {
      for (int i = 0; i < count; i++) {
        unlessStopped.accept(i);
      }
    }
  }
}
