package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;

/**
 * Steps of consecutive positions through single layers and through the output head. A layer has
 * three steps: queries, keys and values of blocks of positions; attention of single heads; output
 * projection and feed-forward of blocks of positions. The {@link EvaluationThreads} share the parts
 * of a step.
 *
 * @param stop asked before each part; receives the progress through the layers before each chunk
 */
record LayerSteps(LoadedDecoder decoder, StopSignal stop) {

  /**
   * Takes the hidden states of positions through a layer, in place.
   *
   * @param index of the layer within the model
   * @param weights of the layer
   * @param hidden [1, T, D]
   * @param rotation of the layer, for T positions
   * @param cache of the layer, filled for positions before {@code from}; the keys and values of the
   *     positions are added
   * @param from first position
   * @param to position after the last
   */
  void layer(
      int index,
      IValue weights,
      PtNDArray hidden,
      LayerRotation rotation,
      KeyValueCache cache,
      int from,
      int to) {
    int chunk = decoder.chunks().chunk();
    for (int s = from; s < to; s += chunk) {
      stop.progress((index + (double) (s - from) / (to - from)) / decoder.config().layerCount());
      chunk(index, weights, hidden, rotation, cache, s, Math.min(to, s + chunk));
    }
  }

  private void chunk(
      int index,
      IValue weights,
      PtNDArray hidden,
      LayerRotation rotation,
      KeyValueCache cache,
      int first,
      int last) {
    DecoderProgram program = decoder.program();
    int heads = decoder.config().attention().heads();
    int block = decoder.chunks().block();
    PtNDArray k = cache.keys();
    PtNDArray v = cache.values();
    try (PtNDManager local = (PtNDManager) hidden.getManager().newSubManager()) {
      PtNDArray q = program.callForTensor(local, "queries", hidden, last - first);
      queriesKeysValues(index, weights, hidden, rotation, q, cache, first, last);
      int together = decoder.chunks().headsTogether(heads, last - first);
      int window = decoder.windows().get(index);
      parts()
          .run(
              index,
              heads / together,
              i ->
                  program.run(
                      "attention",
                      q,
                      k,
                      v,
                      weights,
                      first,
                      i * together,
                      (i + 1) * together,
                      window));
      parts()
          .blocks(
              index,
              first,
              last,
              block,
              (s, e) -> program.run("output", hidden, weights, q, first, s, e));
    }
  }

  /**
   * Computes queries, keys and values.
   *
   * @param q queries of the positions, [1, H, last − first, h]
   */
  void queriesKeysValues(
      int index,
      IValue weights,
      PtNDArray hidden,
      LayerRotation rotation,
      PtNDArray q,
      KeyValueCache cache,
      int first,
      int last) {
    parts()
        .blocks(
            index,
            first,
            last,
            decoder.chunks().block(),
            (s, e) ->
                decoder
                    .program()
                    .run(
                        "queries_keys_values",
                        hidden,
                        rotation.cos(),
                        rotation.sin(),
                        rotation.queryScales(),
                        weights,
                        q,
                        cache.keys(),
                        cache.values(),
                        first,
                        s,
                        e));
  }

  /**
   * Scores tokens.
   *
   * @param hidden after all layers, [1, T, D]
   * @param targets ids [1, T], each the token that follows the position
   * @return NLL in nats of the targets
   */
  float[] score(PtNDArray hidden, PtNDArray targets) {
    float[] nll = new float[Math.toIntExact(targets.size())];
    parts()
        .blocks(
            decoder.config().layerCount(),
            0,
            nll.length,
            decoder.chunks().headBlock(),
            (s, e) -> {
              try (PtNDManager local = (PtNDManager) hidden.getManager().newSubManager()) {
                float[] block =
                    decoder
                        .program()
                        .callForTensor(
                            local,
                            "head",
                            hidden,
                            decoder.output(),
                            targets,
                            s,
                            e,
                            decoder.chunks().vocabularyBlock())
                        .toFloatArray();
                System.arraycopy(block, 0, nll, s, block.length);
              }
            });
    return nll;
  }

  private Parts parts() {
    return new Parts(decoder.chunks().shared(), stop);
  }
}
