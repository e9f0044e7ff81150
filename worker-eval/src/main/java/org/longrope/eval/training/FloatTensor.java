package org.longrope.eval.training;

import java.util.List;

/**
 * A float32 tensor on the Java heap.
 *
 * @param shape its dimensions
 * @param values row by row; not copied, treated as immutable
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; a copy of the weights is enough
public record FloatTensor(List<Long> shape, float[] values) {
  public FloatTensor {
    shape = List.copyOf(shape);
    long size = shape.stream().reduce(1L, Math::multiplyExact);
    if (size != values.length) {
      throw new IllegalArgumentException(
          "Cannot shape " + values.length + " values as " + shape + ": expected " + size);
    }
  }
}
