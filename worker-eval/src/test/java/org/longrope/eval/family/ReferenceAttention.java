package org.longrope.eval.family;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.ReferenceProjections.Heads;
import org.longrope.eval.family.ReferenceRope.Table;

/** Attention of one layer over all tokens of a text. */
final class ReferenceAttention {
  private final ReferenceConfig config;
  private final ReferenceWeights weights;
  private final ReferenceProjections projections;
  private final ReferenceRope rope;

  /**
   * Attends with the scales of a RoPE dictionary.
   *
   * @param rope of the layers with full attention
   */
  ReferenceAttention(ReferenceConfig config, ReferenceWeights weights, ReferenceRope rope) {
    this.config = config;
    this.weights = weights;
    this.rope = rope;
    projections = new ReferenceProjections(config, weights);
  }

  /**
   * Returns the output of the attention for each token.
   *
   * @param prefix of the tensor names of the layer's attention
   * @param table of RoPE, or null without
   * @param window how many last keys a query sees, itself included; 0 is all
   * @param scales factors on the turned pairs of queries by head and pair, or null for none
   */
  double[][] apply(
      double[][] x,
      String prefix,
      @Nullable Table table,
      int window,
      double @Nullable [][] scales) {
    Heads[] heads = new Heads[x.length];
    Arrays.setAll(heads, t -> projections.project(x[t], prefix, table, t, scales));
    double[] sinks = config.is("gpt_oss") ? weights.get(prefix + "sinks") : null;
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      int first = window > 0 ? Math.max(0, t - window + 1) : 0;
      double[] joined = attend(heads, first, t, sinks);
      boolean phi = config.is("phi");
      y[t] =
          weights.linear(
              joined, prefix + (phi ? "dense" : "o_proj"), config.attentionBias("o_proj"));
    }
    return y;
  }

  private double[] attend(Heads[] tokens, int first, int t, double @Nullable [] sinks) {
    int count = config.heads();
    int dimension = tokens[t].query().length / count;
    int queriesPerKey = count / (tokens[t].key().length / dimension);
    int width = tokens[t].value().length / (count / queriesPerKey);
    double scale = scale(dimension) * (config.is("ministral3") ? rope.queryScale(t) : 1);
    Double cap = config.scoreCap();
    double[] joined = new double[count * width];
    int keys = t + 1 - first;
    for (int head = 0; head < count; head++) {
      int key = head / queriesPerKey;
      double[] scores = new double[sinks == null ? keys : keys + 1];
      for (int j = 0; j < keys; j++) {
        double sum = 0;
        for (int i = 0; i < dimension; i++) {
          sum +=
              tokens[t].query()[head * dimension + i]
                  * tokens[first + j].key()[key * dimension + i];
        }
        scores[j] = cap == null ? sum * scale : ReferenceMath.capped(sum * scale, cap);
      }
      if (sinks != null) {
        scores[keys] = sinks[head];
      }
      double[] shares = ReferenceMath.softmax(scores);
      for (int j = 0; j < keys; j++) {
        for (int i = 0; i < width; i++) {
          joined[head * width + i] += shares[j] * tokens[first + j].value()[key * width + i];
        }
      }
    }
    return joined;
  }

  private double scale(int dimension) {
    double usual = 1 / Math.sqrt(dimension);
    return switch (config.family()) {
      case "gemma2", "gemma3_text" -> 1 / Math.sqrt(config.number("query_pre_attn_scalar", 256));
      case "granite", "granitemoe" -> config.number("attention_multiplier", 1);
      case "deepseek_v3", "minicpm3" -> usual * rope.latentScale();
      default -> usual;
    };
  }
}
