package org.longrope.eval.family;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.ReferenceRope.Table;

/** Queries, keys and values of a token, normalised and turned. */
final class ReferenceProjections {
  private static final double LATENT_EPSILON = 1e-6;

  private final ReferenceConfig config;
  private final ReferenceWeights weights;

  ReferenceProjections(ReferenceConfig config, ReferenceWeights weights) {
    this.config = config;
    this.weights = weights;
  }

  /** Query, key and value of one token, the heads of each one after another. */
  record Heads(double[] query, double[] key, double[] value) {}

  /**
   * Projects one token.
   *
   * @param prefix of the tensor names of the layer's attention
   * @param table of RoPE, or null without
   * @param scales factors on the turned pairs of queries by head and pair, or null for none
   */
  Heads project(
      double[] x,
      String prefix,
      @Nullable Table table,
      int position,
      double @Nullable [][] scales) {
    return config.latent()
        ? latent(x, prefix, table, position, scales)
        : plain(x, prefix, table, position, scales);
  }

  private Heads plain(
      double[] x,
      String prefix,
      @Nullable Table table,
      int position,
      double @Nullable [][] scales) {
    Heads heads =
        config.is("phi3") ? split(weights.linear(x, prefix + "qkv_proj", false)) : three(x, prefix);
    if (config.is("olmo")) {
      heads = clipped(heads);
    }
    double[] query = normalised(heads.query, prefix, "q");
    double[] key = normalised(heads.key, prefix, "k");
    if (config.is("olmoe")) {
      heads = clipped(new Heads(query, key, heads.value));
      query = heads.query;
      key = heads.key;
    }
    boolean neighbours = config.is("cohere", "cohere2", "glm", "glm4", "ernie4_5", "helium");
    rotate(query, table, position, neighbours);
    rotate(key, table, position, neighbours);
    for (int head = 0; table != null && scales != null && head < scales.length; head++) {
      scale(query, head * config.headDimension(), scales[head], neighbours);
    }
    if (config.is("hunyuan_v1_dense")) {
      query = perHead(query, rms(prefix + "query_layernorm", config.epsilon()));
      key = perHead(key, rms(prefix + "key_layernorm", config.epsilon()));
    }
    return new Heads(query, key, heads.value);
  }

  private Heads three(double[] x, String prefix) {
    return new Heads(
        weights.linear(x, prefix + "q_proj", config.attentionBias("q_proj")),
        weights.linear(x, prefix + "k_proj", config.attentionBias("k_proj")),
        weights.linear(x, prefix + "v_proj", config.attentionBias("v_proj")));
  }

  private Heads split(double[] fused) {
    int query = config.heads() * config.headDimension();
    int key = config.keyValueHeads() * config.headDimension();
    return new Heads(
        Arrays.copyOf(fused, query),
        Arrays.copyOfRange(fused, query, query + key),
        Arrays.copyOfRange(fused, query + key, query + 2 * key));
  }

  private Heads clipped(Heads heads) {
    Double bound = config.nullable("clip_qkv", null);
    return bound == null
        ? heads
        : new Heads(
            clipped(heads.query, bound), clipped(heads.key, bound), clipped(heads.value, bound));
  }

  private static double[] clipped(double[] x, double bound) {
    return ReferenceMath.map(x, value -> Math.max(-bound, Math.min(bound, value)));
  }

  /** Applies the norms that stand before RoPE. */
  private double[] normalised(double[] x, String prefix, String side) {
    String norm = prefix + side + "_norm";
    String layerNorm = prefix + side + "_layernorm";
    double epsilon = config.epsilon();
    return switch (config.family()) {
      case "olmo2", "olmo3", "olmoe" -> rms(norm, epsilon).apply(x);
      case "qwen3", "qwen3_moe", "gemma3_text", "exaone4", "apertus" ->
          perHead(x, rms(norm, epsilon));
      case "cohere" ->
          config.flag("use_qk_norm", false)
              ? ReferenceMath.times(standardised(x), weights.get(norm + ".weight"))
              : x;
      case "phi" ->
          config.flag("qk_layernorm", false)
              ? perHead(standardised(x), head -> scaled(head, layerNorm))
              : x;
      case "stablelm" ->
          config.flag("qk_layernorm", false)
              ? ReferenceMath.times(standardised(x), headWeights(x.length, layerNorm))
              : x;
      default -> x;
    };
  }

  private double[] standardised(double[] x) {
    return perHead(x, head -> ReferenceMath.standardised(head, config.epsilon()));
  }

  private double[] scaled(double[] head, String norm) {
    double[] product = ReferenceMath.times(head, weights.get(norm + ".weight"));
    return ReferenceMath.sum(product, weights.get(norm + ".bias"));
  }

  private double[] headWeights(int length, String norm) {
    double[] all = new double[length];
    int dimension = config.headDimension();
    for (int head = 0; head < length / dimension; head++) {
      double[] own = weights.get(norm + ".norms." + head + ".weight");
      System.arraycopy(own, 0, all, head * dimension, dimension);
    }
    return all;
  }

  private UnaryOperator<double[]> rms(String name, double epsilon) {
    double[] weight =
        ReferenceMath.map(weights.get(name + ".weight"), value -> value + config.normOffset());
    return x -> ReferenceMath.times(ReferenceMath.rms(x, epsilon), weight);
  }

  private double[] perHead(double[] x, UnaryOperator<double[]> function) {
    int dimension = config.headDimension();
    double[] y = new double[x.length];
    for (int head = 0; head < x.length; head += dimension) {
      double[] part = function.apply(Arrays.copyOfRange(x, head, head + dimension));
      System.arraycopy(part, 0, y, head, dimension);
    }
    return y;
  }

  private void rotate(double[] x, @Nullable Table table, int position, boolean neighbours) {
    for (int head = 0; table != null && head < x.length; head += config.headDimension()) {
      table.rotate(x, head, position, neighbours);
    }
  }

  /** Multiplies the turned pairs of one head from an element on, in place. */
  private static void scale(double[] x, int from, double[] scales, boolean neighbours) {
    for (int i = 0; i < scales.length; i++) {
      x[from + (neighbours ? 2 * i : i)] *= scales[i];
      x[from + (neighbours ? 2 * i + 1 : i + scales.length)] *= scales[i];
    }
  }

  private Heads latent(
      double[] x,
      String prefix,
      @Nullable Table table,
      int position,
      double @Nullable [][] scales) {
    int turned = config.integer("qk_rope_head_dim");
    int plain = config.integer("qk_nope_head_dim");
    int value = value(config);
    int rank = config.integer("kv_lora_rank");
    boolean neighbours = config.is("deepseek_v3") && config.flag("rope_interleave", true);
    boolean bias = config.attentionBias("kv_a_proj_with_mqa");
    double[] compressed = weights.linear(x, prefix + "kv_a_proj_with_mqa", bias);
    double[] shared = Arrays.copyOfRange(compressed, rank, rank + turned);
    double[] inner =
        rms(prefix + "kv_a_layernorm", LATENT_EPSILON).apply(Arrays.copyOf(compressed, rank));
    double[] both = weights.linear(inner, prefix + "kv_b_proj", false);
    Heads heads =
        new Heads(
            latentQuery(x, prefix),
            new double[config.heads() * (plain + turned)],
            new double[config.heads() * value]);
    for (int head = 0; head < config.heads(); head++) {
      int start = head * (plain + turned);
      int from = head * (plain + value);
      System.arraycopy(both, from, heads.key, start, plain);
      System.arraycopy(shared, 0, heads.key, start + plain, turned);
      System.arraycopy(both, from + plain, heads.value, head * value, value);
      if (table != null) {
        table.rotate(heads.query, start + plain, position, neighbours);
        table.rotate(heads.key, start + plain, position, neighbours);
      }
      if (table != null && scales != null) {
        scale(heads.query, start + plain, scales[head], neighbours);
      }
    }
    return heads;
  }

  /** Returns the dimension of a value of latent attention. */
  static int value(ReferenceConfig config) {
    return config.integer("v_head_dim", config.hidden() / config.heads());
  }

  private double[] latentQuery(double[] x, String prefix) {
    if (!config.given("q_lora_rank")) {
      return weights.linear(x, prefix + "q_proj", false);
    }
    double[] inner = weights.linear(x, prefix + "q_a_proj", config.attentionBias("q_a_proj"));
    double[] normed = rms(prefix + "q_a_layernorm", LATENT_EPSILON).apply(inner);
    return weights.linear(normed, prefix + "q_b_proj", false);
  }
}
