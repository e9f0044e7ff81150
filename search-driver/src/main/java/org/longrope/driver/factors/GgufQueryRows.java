package org.longrope.driver.factors;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.gguf.GgufCopy;
import org.longrope.driver.factors.gguf.GgufFile.Tensor;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.QueryScales;

/**
 * Folding of query scales into the rows of a GGUF file's query projections and their biases.
 *
 * @param model whose scales they are, of its shape
 */
record GgufQueryRows(GgufModel model, QueryScales scales) {
  private static final String WEIGHT = ".weight";

  /**
   * Multiplies the rows of all layers in a copy.
   *
   * @throws BadInputException if a projection is missing, or of a type that cannot be multiplied
   */
  void fold(GgufCopy copy) {
    for (int layer = 0; layer < model.layers(); layer++) {
      double[] multipliers = multipliers(layer);
      if (Arrays.stream(multipliers).allMatch(multiplier -> multiplier == 1)) {
        continue;
      }
      Tensor weight = projection(layer);
      scale(copy, weight, multipliers);
      String module = weight.name().substring(0, weight.name().length() - WEIGHT.length());
      Tensor bias = model.file().tensor(module + ".bias");
      if (bias != null) {
        scale(copy, bias, multipliers);
      }
    }
  }

  /** Multiplies the first rows; those of keys and values follow where all are in one tensor. */
  private static void scale(GgufCopy copy, Tensor tensor, double[] multipliers) {
    int rows = Math.toIntExact(tensor.rows());
    double[] all = multipliers;
    if (tensor.name().contains(".attn_qkv.") && rows > multipliers.length) {
      all = Arrays.copyOf(multipliers, rows);
      Arrays.fill(all, multipliers.length, rows, 1);
    }
    copy.scale(tensor, all);
  }

  /** Returns the last linear map before the rotation, whose first outputs are the queries. */
  private Tensor projection(int layer) {
    for (String name : new String[] {"attn_q_b", "attn_q", "attn_qkv"}) {
      @Nullable Tensor tensor = model.file().tensor("blk." + layer + "." + name + WEIGHT);
      if (tensor != null) {
        return tensor;
      }
    }
    throw BadInputException.of(
        "Cannot fold query scales into %s: it has no blk.%d.attn_q.weight; expected a whole model.",
        model.name(), layer);
  }

  /** Returns the factors on a layer's queries, head by head; 1 where nothing is rotated. */
  private double[] multipliers(int layer) {
    double[] multipliers = new double[model.heads() * model.keyWidth()];
    Arrays.fill(multipliers, 1);
    int pairs = model.pairs();
    boolean neighbours = model.hasNeighbours();
    for (int head = 0; head < model.heads(); head++) {
      int begin = head * model.keyWidth() + model.plainWidth();
      for (int pair = 0; pair < pairs; pair++) {
        double scale = scales.scale(layer, head, pair);
        multipliers[begin + (neighbours ? 2 * pair : pair)] = scale;
        multipliers[begin + (neighbours ? 2 * pair + 1 : pair + pairs)] = scale;
      }
    }
    return multipliers;
  }
}
