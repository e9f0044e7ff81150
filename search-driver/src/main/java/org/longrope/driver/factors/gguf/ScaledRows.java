package org.longrope.driver.factors.gguf;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.longrope.driver.factors.gguf.GgufFile.Tensor;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.DType;

/** Multiplication of a tensor's rows, by the scales of the blocks where it is quantised. */
final class ScaledRows {
  private final Tensor tensor;
  private final double[] multipliers;
  private final DType scaleType;
  private final int[] scalesAt;
  private final long rowBlocks;
  private double rounding;

  /**
   * Prepares the multiplication.
   *
   * @param multipliers one for each row
   * @throws BadInputException if the tensor is of another shape, or its type has no scales
   */
  ScaledRows(GgufFile file, Tensor tensor, double[] multipliers) {
    GgmlType type = tensor.type();
    if (type.scaleType() == null || tensor.rowElements() % type.blockElements() != 0) {
      throw BadInputException.of(
          "Cannot fold query scales into %s of %s: rows of type %s cannot be multiplied; expected"
              + " one of %s; quantise the model to another type.",
          tensor.name(), file.path(), type, GgmlType.scalable());
    }
    if (tensor.rows() != multipliers.length) {
      throw BadInputException.of(
          "Tensor %s of %s has %d rows: expected %d by the file's metadata; convert the model"
              + " again.",
          tensor.name(), file.path(), tensor.rows(), multipliers.length);
    }
    this.tensor = tensor;
    this.multipliers = multipliers.clone();
    scaleType = Objects.requireNonNull(type.scaleType());
    scalesAt = type.scalesAt();
    rowBlocks = tensor.rowElements() / type.blockElements();
  }

  GgmlType type() {
    return tensor.type();
  }

  /** Returns the greatest |rounded − exact| / |exact| of what was multiplied so far. */
  double rounding() {
    return rounding;
  }

  /**
   * Multiplies whole blocks in place.
   *
   * @param blocks little-endian, from 0 to the limit
   * @param first number of the first of them in the tensor
   */
  void apply(ByteBuffer blocks, long first) {
    int bytes = tensor.type().blockBytes();
    long block = first;
    for (int at = 0; at < blocks.limit(); at += bytes) {
      double multiplier = multipliers[(int) (block / rowBlocks)];
      if (multiplier != 1) {
        for (int scaleAt : scalesAt) {
          multiply(blocks, at + scaleAt, multiplier);
        }
      }
      block++;
    }
  }

  private void multiply(ByteBuffer blocks, int at, double multiplier) {
    float stored = scaleType.get(blocks.position(at));
    double exact = stored * multiplier;
    float rounded = scaleType.round((float) exact);
    if (Float.isInfinite(rounded) && !Float.isInfinite(stored)) {
      throw BadInputException.of(
          "Cannot fold query scales into %s: %.6g is beyond what %s can hold; expected smaller"
              + " scales, or the model in another type.",
          tensor.name(), exact, scaleType);
    }
    if (exact != 0) {
      // Neither is a number where the model has none; comparisons with it change nothing.
      double change = Math.abs((rounded - exact) / exact);
      rounding = change > rounding ? change : rounding;
    }
    scaleType.put(blocks.position(at), rounded);
  }
}
