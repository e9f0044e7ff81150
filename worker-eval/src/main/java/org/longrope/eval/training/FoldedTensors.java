package org.longrope.eval.training;

import java.util.LinkedHashMap;
import java.util.Map;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.QueryFolding;
import org.longrope.eval.rope.QueryScales;

/** Trained weights with query scales multiplied into them. */
public final class FoldedTensors {
  private FoldedTensors() {}

  /**
   * Returns the weights of a model that computes without the scales what this one computes with
   * them.
   *
   * @param weights by their names in the files; not changed
   * @throws org.longrope.eval.BadInputException if the weights cannot contain the scales
   */
  public static Map<String, FloatTensor> of(
      DecoderSpec model, QueryScales scales, Map<String, FloatTensor> weights) {
    Map<String, FloatTensor> folded = new LinkedHashMap<>(weights);
    for (QueryFolding.Rows rows : QueryFolding.of(model).rows(scales)) {
      folded.computeIfPresent(rows.part().tensor(), (name, tensor) -> fold(rows, tensor));
    }
    return folded;
  }

  private static FloatTensor fold(QueryFolding.Rows rows, FloatTensor tensor) {
    float[] values = tensor.values().clone();
    int count = rows.multipliers().length;
    int width = Math.toIntExact(rows.part().elements() / count);
    int next = Math.toIntExact(rows.part().from()) * width;
    for (int row = 0; row < count; row++) {
      for (int i = 0; i < width; i++, next++) {
        if (!rows.keeps(row)) {
          values[next] = (float) rows.scaled(values[next], row);
        }
      }
    }
    return new FloatTensor(tensor.shape(), values);
  }
}
