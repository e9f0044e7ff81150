package org.longrope.eval.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.FloatBuffer;
import java.util.function.BiConsumer;
import org.longrope.eval.checkpoint.RowRange;

/** Float32 values on their way between the Java heap and libtorch, in pieces of whole rows. */
final class HeapTensors {
  private HeapTensors() {}

  /** Makes a tensor of values. */
  static PtNDArray toLibtorch(PtNDManager manager, FloatTensor values) {
    Shape shape = new Shape(values.shape().stream().mapToLong(Long::longValue).toArray());
    PtNDArray tensor = (PtNDArray) manager.create(shape, DataType.FLOAT32);
    set(tensor, values.values());
    return tensor;
  }

  /**
   * Replaces a tensor's values.
   *
   * @param values row by row, as many as it has
   */
  static void set(PtNDArray tensor, float[] values) {
    forEachPiece(
        tensor,
        (part, from) -> {
          FloatBuffer buffer = FloatBuffer.wrap(values, from, Math.toIntExact(part.size()));
          NDManager local = part.getManager();
          part.set(new NDIndex("..."), local.create(buffer, part.getShape(), DataType.FLOAT32));
        });
  }

  /** Returns a tensor's values row by row. */
  static float[] values(PtNDArray tensor) {
    float[] values = new float[Math.toIntExact(tensor.size())];
    forEachPiece(
        tensor,
        (part, from) -> System.arraycopy(part.toFloatArray(), 0, values, from, (int) part.size()));
    return values;
  }

  /** Calls back with views of the tensor's rows and with the position of their first element. */
  private static void forEachPiece(PtNDArray tensor, BiConsumer<NDArray, Integer> use) {
    Shape shape = tensor.getShape();
    if (shape.dimension() == 0) {
      use.accept(tensor, 0);
      return;
    }
    long row = shape.slice(1).size();
    for (RowRange piece : RowRange.pieces(shape.get(0), row * Float.BYTES)) {
      try (NDManager local = tensor.getManager().newSubManager()) {
        NDArray part = tensor.get(local, new NDIndex("{}:{}", piece.from(), piece.to()));
        use.accept(part, Math.toIntExact(piece.from() * row));
      }
    }
  }
}
