package org.longrope.eval.family;

import java.util.List;

/**
 * Part of a tensor in which Hugging Face checkpoints store a weight: rows [from, to) of the tensor
 * whose leading dimensions are counted as rows.
 *
 * @param tensor its name
 * @param shape its whole shape
 * @param leading dimensions that are counted together as rows: 1, or more to take one expert of a
 *     stack
 * @param from first row
 * @param to row after the last
 */
public record TensorPart(String tensor, List<Long> shape, int leading, long from, long to) {
  public TensorPart {
    shape = List.copyOf(shape);
  }

  /** Names a whole tensor. */
  static TensorPart whole(String tensor, Long... shape) {
    return new TensorPart(tensor, List.of(shape), 1, 0, shape.length == 0 ? 1 : shape[0]);
  }

  /** Names rows of a matrix. */
  static TensorPart rows(String tensor, long rows, long columns, long from, long to) {
    return new TensorPart(tensor, List.of(rows, columns), 1, from, to);
  }

  /** Tells whether it is all of its tensor. */
  public boolean isWhole() {
    return leading == 1 && from == 0 && to == (shape.isEmpty() ? 1 : shape.get(0));
  }

  /** Returns the shape of the part. */
  public List<Long> partShape() {
    if (isWhole()) {
      return shape;
    }
    List<Long> part = new java.util.ArrayList<>(shape.subList(leading, shape.size()));
    part.add(0, to - from);
    return part;
  }

  /** Returns the number of elements. */
  public long elements() {
    return partShape().stream().reduce(1L, Math::multiplyExact);
  }
}
