package org.longrope.eval.decoder;

import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.nio.DoubleBuffer;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/** cos and sin of the rescaled angles for positions 0 … n−1, made in float64 inside the program. */
public final class RopeTables {
  private RopeTables() {}

  /**
   * @return cos and sin, [n, d/2] float32 each, attached to the manager and on its device
   * @throws IllegalArgumentException if the rescaling has another number of pairs than the rotation
   */
  public static PtNDArray[] of(
      DecoderProgram program, PtNDManager manager, RopeGeometry rope, Rescaling rescaling, int n) {
    if (rescaling.factors().pairs() != rope.pairs()) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot rescale %d pairs with %d factors",
              rope.pairs(), rescaling.factors().pairs()));
    }
    try (PtNDManager local = (PtNDManager) manager.newSubManager();
        IValue tables =
            program.call(
                "tables",
                doubles(local, rope.inverseFrequencies()),
                doubles(local, rescaling.factors().toArray()),
                rescaling.startTokens(),
                rescaling.attentionFactor(),
                n,
                Chunks.POSITIONS)) {
      return tables.toTensorArray(manager);
    }
  }

  private static PtNDArray doubles(PtNDManager manager, double[] values) {
    return (PtNDArray)
        manager.create(
            DoubleBuffer.wrap(values),
            new Shape(values.length),
            ai.djl.ndarray.types.DataType.FLOAT64);
  }
}
