package org.longrope.eval.decoder;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.DoubleBuffer;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Tables of the rescaled rotation angles for positions 0 … n−1. The program computes the angles in
 * float64.
 *
 * @param cos [n, R/2] float32, R the rotated part of a head
 * @param sin [n, R/2] float32
 */
public record RopeTables(PtNDArray cos, PtNDArray sin) implements AutoCloseable {
  /**
   * Computes the tables on the manager's device and attaches them to it.
   *
   * @param n positions
   * @param length of the text, on which some base tables depend, tokens
   * @throws IllegalArgumentException if the rescaling has another number of pairs than the rotation
   */
  public static RopeTables of(
      DecoderProgram program,
      PtNDManager manager,
      RopeGeometry rope,
      Rescaling rescaling,
      int n,
      int length) {
    if (rescaling.factors().pairs() != rope.pairs()) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot rescale %d pairs with %d factors",
              rope.pairs(), rescaling.factors().pairs()));
    }
    try (PtNDManager local = (PtNDManager) manager.newSubManager()) {
      PtNDArray[] tables =
          program.callForTensors(
              manager,
              "tables",
              doubles(local, rope.frequencies(length)),
              doubles(local, rescaling.factors().toArray()),
              rescaling.startTokens(),
              rope.scaling().attentionFactor() * rescaling.attentionFactor(),
              n,
              Chunks.POSITIONS);
      return new RopeTables(tables[0], tables[1]);
    }
  }

  static PtNDArray doubles(PtNDManager manager, double[] values) {
    return (PtNDArray)
        manager.create(DoubleBuffer.wrap(values), new Shape(values.length), DataType.FLOAT64);
  }

  /** Returns a copy that autograd accepts, which rejects what was computed in inference mode. */
  public RopeTables duplicate() {
    return new RopeTables((PtNDArray) cos.duplicate(), (PtNDArray) sin.duplicate());
  }

  @Override
  public void close() {
    cos.close();
    sin.close();
  }
}
