package org.longrope.eval.family;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.ReferenceRope.Table;

/**
 * Reference of all model types in float64, from config.json and the tensors as they are named in
 * the files. It shares nothing with the code that it checks.
 */
public final class FamilyReference {
  private final ReferenceConfig config;
  private final ReferenceWeights weights;
  private final ReferenceRope fullRope;
  private final ReferenceRope slidingRope;
  private final ReferenceAttention attention;
  private final ReferenceFeedForward feedForward;

  private FamilyReference(ReferenceConfig config, ReferenceWeights weights) {
    this.config = config;
    this.weights = weights;
    fullRope = ReferenceRope.of(config, false);
    slidingRope = ReferenceRope.of(config, true);
    attention = new ReferenceAttention(config, weights, fullRope);
    feedForward = new ReferenceFeedForward(config, weights);
  }

  /** Reads config.json and all safetensors files of a directory. */
  public static FamilyReference read(Path directory) {
    try {
      Path file = directory.resolve("config.json");
      ObjectNode json = (ObjectNode) new JsonMapper().readTree(file.toFile());
      return new FamilyReference(new ReferenceConfig(json), ReferenceWeights.read(directory));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Computes with weights in memory.
   *
   * @param tensors by their names in the files, row by row; read again by each {@link #nll}
   */
  public static FamilyReference of(ObjectNode config, Map<String, double[]> tensors) {
    return new FamilyReference(new ReferenceConfig(config), new ReferenceWeights(tensors));
  }

  /** Returns how many rescale factors {@link #nll} takes. */
  public int pairs() {
    return fullRope.pairs();
  }

  /** Returns the number of layers. */
  int layers() {
    return config.layers();
  }

  /** Returns the number of query heads. */
  int heads() {
    return config.heads();
  }

  /** Returns the NLL (nats) of tokens[1] … tokens[n−1] of the model as published. */
  public double[] nll(int[] tokens) {
    return nll(tokens, null, 0, 1, null);
  }

  /**
   * Returns the NLL (nats) of tokens[1] … tokens[n−1], each given all before it.
   *
   * @param rescaleFactors λ of each pair; null is the model as published, whatever the two values
   *     behind
   * @param startTokens positions before keep the model's own angles
   * @param attentionFactor multiplies cos and sin at every position, on top of the model's own
   *     factor
   * @param windowOverride how many last keys a query sees in every layer, itself included; 0 is
   *     all; null is the config's windows
   */
  public double[] nll(
      int[] tokens,
      double @Nullable [] rescaleFactors,
      int startTokens,
      double attentionFactor,
      @Nullable Integer windowOverride) {
    return nll(tokens, rescaleFactors, startTokens, attentionFactor, windowOverride, null);
  }

  /**
   * Returns the NLL (nats) of tokens[1] … tokens[n−1], each given all before it.
   *
   * @param queryScales factors on the turned pairs of queries by layer, head and pair, in layers
   *     that use the rescaled table; null for none
   */
  double[] nll(
      int[] tokens,
      double @Nullable [] rescaleFactors,
      int startTokens,
      double attentionFactor,
      @Nullable Integer windowOverride,
      double @Nullable [][][] queryScales) {
    if (rescaleFactors != null && rescaleFactors.length != pairs()) {
      throw new IllegalArgumentException("Expected " + pairs() + " factors");
    }
    int length = tokens.length;
    Table full = fullRope.table(length, rescaleFactors, startTokens, attentionFactor);
    Table sliding = config.hasTwoTables() ? slidingRope.table(length, null, 0, 1) : full;
    ReferenceLayers layers = ReferenceLayers.of(config);
    double[][] x = embed(tokens);
    for (int i = 0; i < config.layers(); i++) {
      Table own = layers.slidingTables()[i] ? sliding : full;
      int window = windowOverride == null ? layers.windows()[i] : windowOverride;
      double[][] scales = queryScales == null || own != full ? null : queryScales[i];
      addLayer(x, i, layers.ropes()[i] ? own : null, window, scales);
    }
    double[] nll = new double[length - 1];
    Arrays.setAll(nll, t -> nll(logits(x[t]), tokens[t + 1]));
    return nll;
  }

  private static double nll(double[] logits, int token) {
    double max = Arrays.stream(logits).max().orElseThrow();
    double sum = Arrays.stream(logits).map(value -> Math.exp(value - max)).sum();
    return max + Math.log(sum) - logits[token];
  }

  private double[][] embed(int[] tokens) {
    String name = "model.embed_tokens.weight";
    boolean onlyHead = config.tied() && !weights.has(name) && weights.has("lm_head.weight");
    double[] embedding = weights.get(onlyHead ? "lm_head.weight" : name);
    double[][] x = new double[tokens.length][];
    for (int t = 0; t < tokens.length; t++) {
      int from = tokens[t] * config.hidden();
      double[] row = Arrays.copyOfRange(embedding, from, from + config.hidden());
      x[t] = ReferenceMath.map(row, value -> value * config.embeddingMultiplier());
    }
    return x;
  }

  private double[] logits(double[] x) {
    double[] normed = norm(x, config.is("phi") ? "model.final_layernorm" : "model.norm");
    boolean embedding = config.tied() && !weights.has("lm_head.weight");
    boolean bias = config.is("phi") || config.is("phimoe") && config.flag("lm_head_bias", false);
    double[] z = weights.linear(normed, embedding ? "model.embed_tokens" : "lm_head", bias);
    Double cap = config.logitCap();
    return ReferenceMath.map(
        z,
        value -> {
          double scaled = value * config.logitMultiplier();
          return cap == null ? scaled : ReferenceMath.capped(scaled, cap);
        });
  }

  private void addLayer(
      double[][] x, int index, @Nullable Table table, int window, double @Nullable [][] scales) {
    String layer = "model.layers." + index + ".";
    Norms norms = norms(layer);
    double[][] normed = new double[x.length][];
    Arrays.setAll(normed, t -> norm(x[t], norms.beforeAttention));
    double[][] attended = attention.apply(normed, layer + "self_attn.", table, window, scales);
    double multiplier = config.residualMultiplier();
    for (int t = 0; t < x.length; t++) {
      add(x[t], norm(attended[t], norms.afterAttention), multiplier);
      double[] in = norms.parallel ? normed[t] : norm(x[t], norms.beforeFeedForward);
      double[] out = feedForward.apply(in, layer, index);
      add(x[t], norm(out, norms.afterFeedForward), multiplier);
    }
  }

  private static void add(double[] x, double[] y, double multiplier) {
    for (int i = 0; i < x.length; i++) {
      x[i] += multiplier * y[i];
    }
  }

  /** Names of the norms of a layer, empty where there is none. */
  private record Norms(
      String beforeAttention,
      String afterAttention,
      String beforeFeedForward,
      String afterFeedForward,
      boolean parallel) {}

  private Norms norms(String layer) {
    String input = layer + "input_layernorm";
    String post = layer + "post_attention_layernorm";
    String last = layer + "post_feedforward_layernorm";
    boolean parallel =
        config.is("cohere", "cohere2", "phi")
            || config.is("stablelm") && config.flag("use_parallel_residual", false);
    if (parallel) {
      return new Norms(input, "", "", "", true);
    }
    return switch (config.family()) {
      case "olmo2", "olmo3", "exaone4" -> new Norms("", post, "", last, false);
      case "gemma2", "gemma3_text" ->
          new Norms(input, post, layer + "pre_feedforward_layernorm", last, false);
      case "glm4" ->
          new Norms(
              input, layer + "post_self_attn_layernorm", post, layer + "post_mlp_layernorm", false);
      case "apertus" ->
          new Norms(layer + "attention_layernorm", "", layer + "feedforward_layernorm", "", false);
      default -> new Norms(input, "", post, "", false);
    };
  }

  private double[] norm(double[] x, String name) {
    if (name.isEmpty()) {
      return x;
    }
    double epsilon = config.epsilon();
    if (config.is("olmo")) {
      return ReferenceMath.standardised(x, epsilon);
    }
    boolean withBias = config.is("starcoder2", "phi", "phimoe", "stablelm", "nemotron");
    boolean centred = withBias || config.is("cohere", "cohere2");
    double[] y = centred ? ReferenceMath.standardised(x, epsilon) : ReferenceMath.rms(x, epsilon);
    double[] weight =
        ReferenceMath.map(weights.get(name + ".weight"), value -> value + config.normOffset());
    double[] scaled = ReferenceMath.times(y, weight);
    return withBias ? ReferenceMath.sum(scaled, weights.get(name + ".bias")) : scaled;
  }
}
