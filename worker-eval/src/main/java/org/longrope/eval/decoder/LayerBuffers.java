package org.longrope.eval.decoder;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.ArrayList;
import java.util.List;
import org.longrope.eval.family.AttentionSpec;

/**
 * Tensors of one layer's backward pass on one device, for T positions. H query heads, P = H where
 * threads share the heads, else the number of key and value heads.
 *
 * @param manager of the tensors
 * @param q queries, and then the gradient by them, [1, H, T, h or v]
 * @param o output of the attention, [1, H, T, v]
 * @param lse log-sum-exps of the scores, [1, H, T] float32
 * @param outputSlope gradient by o, [1, H, T, v]
 * @param keySlope gradient by the keys, [1, P, T, h] float32
 * @param valueSlope gradient by the values, [1, P, T, v] float32
 * @param slope gradient by the hidden states, [1, T, D]
 * @param cosSlope gradient by the main table's cos, summed over layers, [T, R/2] float32
 * @param sinSlope gradient by its sin
 * @param scaleSlope gradient by one layer's query scales, a row for each block of positions, [rows,
 *     H or 1, 1, R/2] float32; empty without
 */
record LayerBuffers(
    PtNDManager manager,
    PtNDArray q,
    PtNDArray o,
    PtNDArray lse,
    PtNDArray outputSlope,
    PtNDArray keySlope,
    PtNDArray valueSlope,
    PtNDArray slope,
    PtNDArray cosSlope,
    PtNDArray sinSlope,
    PtNDArray scaleSlope)
    implements AutoCloseable {

  /** Allocates the tensors, the gradients zero. */
  static LayerBuffers allocate(LoadedDecoder decoder, StageState state) {
    PtNDManager manager = (PtNDManager) state.manager().newSubManager();
    AttentionSpec attention = decoder.config().attention();
    PtNDArray like = state.hidden();
    long positions = like.getShape().get(1);
    long heads = attention.heads();
    long shared = decoder.chunks().shared() ? heads : attention.keyValueHeads();
    long key = attention.keyWidth();
    long value = attention.valueWidth();
    long pairs = decoder.config().rope().pairs();
    int block = decoder.chunks().block();
    long[] scales = state.tables().queryScales().getShape().getShape();
    List<PtNDArray> made = new ArrayList<>();
    for (long[] shape :
        new long[][] {
          {1, heads, positions, Math.max(key, value)},
          {1, heads, positions, value},
          {1, heads, positions, value},
          {1, positions, decoder.config().hiddenSize()},
        }) {
      made.add(buffer(decoder, manager, like, false, shape));
    }
    for (long[] shape :
        new long[][] {
          {1, heads, positions},
          {1, shared, positions, key},
          {1, shared, positions, value},
          {positions, pairs},
          {positions, pairs},
          scales.length == 1
              ? scales
              : new long[] {(positions + block - 1) / block, scales[1], 1, pairs}
        }) {
      made.add(buffer(decoder, manager, like, true, shape));
    }
    return new LayerBuffers(
        manager,
        made.get(0),
        made.get(1),
        made.get(4),
        made.get(2),
        made.get(5),
        made.get(6),
        made.get(3),
        made.get(7),
        made.get(8),
        made.get(9));
  }

  private static PtNDArray buffer(
      LoadedDecoder decoder, PtNDManager manager, PtNDArray like, boolean wide, long... shape) {
    try (PtNDManager local = (PtNDManager) manager.newSubManager()) {
      PtNDArray sizes = (PtNDArray) local.create(shape);
      PtNDArray flag = (PtNDArray) local.create(new float[wide ? 1 : 0]);
      PtNDArray buffer =
          decoder
              .gradient()
              .get()
              .callWithAutograd("gradient_buffer", List.of(sizes, like, flag), List.of());
      buffer.attach(manager);
      return buffer;
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
