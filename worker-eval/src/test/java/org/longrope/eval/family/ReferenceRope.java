package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One RoPE table: its dictionary, frequencies, cosines and sines. */
final class ReferenceRope {
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final String THETA = "rope_theta";

  private final ReferenceConfig config;
  private final ReferenceFields parameters;
  private final String type;
  private final double theta;
  private final int dimension;

  private ReferenceRope(ReferenceConfig config, ObjectNode table) {
    this.config = config;
    parameters = new ReferenceFields(table);
    String named = parameters.text("rope_type", parameters.text("type", "default"));
    boolean renamed = config.is("phi3") && (named.equals("su") || named.equals("yarn"));
    type = renamed ? "longrope" : named;
    theta = parameters.number(THETA);
    double partial = parameters.number("partial_rotary_factor", 1);
    dimension = (int) (config.ropeDimension() * (readsPartial() ? partial : 1));
  }

  /** Reads the table of the layers with full attention, or that of the others if there are two. */
  static ReferenceRope of(ReferenceConfig config, boolean sliding) {
    return new ReferenceRope(
        config, config.hasTwoTables() ? nested(config, sliding) : flat(config));
  }

  private static ObjectNode flat(ReferenceConfig config) {
    JsonNode scaling = config.json.path("rope_scaling");
    JsonNode given = scaling.isEmpty() ? config.json.path("rope_parameters") : scaling;
    ObjectNode table = given.isEmpty() ? defaults(config) : given.deepCopy();
    if (!table.hasNonNull(THETA)) {
      table.put(THETA, config.number(THETA, defaultTheta(config.family())));
    }
    if (!table.hasNonNull("partial_rotary_factor")) {
      double partial =
          switch (config.family()) {
            case "glm", "glm4", "phi", "nemotron" -> 0.5;
            case "stablelm" -> 0.25;
            default -> 1;
          };
      table.put("partial_rotary_factor", config.number("partial_rotary_factor", partial));
    }
    return table;
  }

  private static double defaultTheta(String family) {
    return switch (family) {
      case "mixtral", "phimoe" -> 1e6;
      case "smollm3" -> 2e6;
      case "cohere", "ernie4_5" -> 5e5;
      case "gpt_oss" -> 15e4;
      case "helium" -> 1e5;
      case "apertus" -> 12e6;
      default -> 1e4;
    };
  }

  private static ObjectNode defaults(ReferenceConfig config) {
    ObjectNode table = config.json.objectNode();
    return switch (config.family()) {
      case "apertus" ->
          table
              .put("rope_type", "llama3")
              .put(THETA, 12e6)
              .put("factor", 8)
              .put(ORIGINAL, 8192)
              .put("low_freq_factor", 1)
              .put("high_freq_factor", 4);
      case "gpt_oss" ->
          table
              .put("rope_type", "yarn")
              .put("factor", 32)
              .put("beta_fast", 32)
              .put("beta_slow", 1)
              .put("truncate", false)
              .put(ORIGINAL, 4096);
      case "ministral3" ->
          table
              .put("rope_type", "yarn")
              .put(THETA, 1e6)
              .put("factor", 16)
              .put("beta_fast", 32)
              .put("beta_slow", 1)
              .put("mscale", 1)
              .put("mscale_all_dim", 1)
              .put("llama_4_scaling_beta", 0.1)
              .put(ORIGINAL, 16384);
      default -> table;
    };
  }

  private static ObjectNode nested(ReferenceConfig config, boolean sliding) {
    JsonNode given = config.json.path("rope_parameters");
    ObjectNode full = copy(config, given.path("full_attention"));
    if (config.json.path("rope_scaling") instanceof ObjectNode scaling) {
      full.setAll(scaling);
    }
    boolean takesTop = !full.hasNonNull(THETA);
    ObjectNode table = sliding ? copy(config, given.path("sliding_attention")) : full;
    if (!table.hasNonNull(THETA)) {
      boolean gemma = config.is("gemma3_text");
      double value;
      if (!sliding) {
        value = config.number(THETA, gemma ? 1e6 : 5e5);
      } else if (gemma) {
        value = config.number("rope_local_base_freq", 1e4);
      } else {
        value = takesTop ? 5e5 : config.number(THETA, 5e5);
      }
      table.put(THETA, value);
    }
    table.put("truncate", given.path("truncate").asBoolean(true));
    return table;
  }

  private static ObjectNode copy(ReferenceConfig config, JsonNode node) {
    return node instanceof ObjectNode object ? object.deepCopy() : config.json.objectNode();
  }

  private boolean readsPartial() {
    return !type.equals("default")
        || config.is("phi", "phi3", "glm", "glm4", "stablelm", "nemotron");
  }

  /** Returns the number of rescale factors. */
  int pairs() {
    return dimension / 2;
  }

  double original() {
    if (config.given(ORIGINAL)) {
      return config.number(ORIGINAL);
    }
    return config.is("phi3") ? 4096 : parameters.number(ORIGINAL, config.maxPositions());
  }

  /** Returns what the scores of latent attention are multiplied by on top of their scale. */
  double latentScale() {
    double all = parameters.number("mscale_all_dim", 0);
    return type.equals("default") || all == 0 ? 1 : Math.pow(magnitude(all), 2);
  }

  /** Returns ministral3's multiplier of the query at a position. */
  double queryScale(int position) {
    double beta = parameters.number("llama_4_scaling_beta");
    return 1 + beta * Math.log1p(Math.floor(position / original()));
  }

  /**
   * Returns cosines and sines for all positions of a text.
   *
   * @param factors of the rescaling, or null for the table as published
   */
  Table table(int length, double @Nullable [] factors, int startTokens, double attentionFactor) {
    boolean replaced = factors != null && type.equals("longrope");
    double[] own = replaced ? powers(theta) : frequencies(length);
    double a = replaced ? 1 : attentionFactor(length);
    Table table = new Table(new double[length][pairs()], new double[length][pairs()]);
    for (int m = 0; m < length; m++) {
      for (int i = 0; i < pairs(); i++) {
        boolean rescaled = factors != null && m >= startTokens;
        double angle = m * (rescaled ? own[i] / factors[i] : own[i]);
        double scale = factors == null ? a : a * attentionFactor;
        table.cos[m][i] = Math.cos(angle) * scale;
        table.sin[m][i] = Math.sin(angle) * scale;
      }
    }
    return table;
  }

  private double[] frequencies(int length) {
    return switch (type) {
      case "default" -> powers(theta);
      case "linear" -> divided(powers(theta), factor());
      case "dynamic" -> powers(theta * Math.pow(stretch(length), dimension / (dimension - 2.0)));
      case "llama3" -> llama3();
      case "yarn" -> yarn();
      case "longrope" -> divided(powers(theta), parameters.numbers(longropeFactors(length)));
      default -> throw new IllegalArgumentException("Unknown RoPE type " + type);
    };
  }

  private double attentionFactor(int length) {
    if (type.equals("yarn")) {
      return parameters.given("attention_factor")
          ? parameters.number("attention_factor")
          : yarnAttentionFactor();
    }
    if (!type.equals("longrope")) {
      return 1;
    }
    if (config.is("phimoe")) {
      return parameters.number(length > original() ? "long_mscale" : "short_mscale");
    }
    double published = factor() <= 1 ? 1 : Math.sqrt(1 + Math.log(factor()) / Math.log(original()));
    return parameters.number("attention_factor", published);
  }

  private double yarnAttentionFactor() {
    double scale = parameters.number("mscale", 0);
    double all = parameters.number("mscale_all_dim", 0);
    return scale != 0 && all != 0 ? magnitude(scale) / magnitude(all) : magnitude(1);
  }

  private double magnitude(double scale) {
    return factor() <= 1 ? 1 : 0.1 * scale * Math.log(factor()) + 1;
  }

  private double factor() {
    return parameters.number("factor", config.maxPositions() / original());
  }

  private double stretch(int length) {
    double alpha = parameters.number("alpha", 0);
    if (config.is("hunyuan_v1_dense") && alpha != 0) {
      return alpha;
    }
    double positions = config.maxPositions();
    double factor = parameters.number("factor");
    return factor * Math.max(length, positions) / positions - (factor - 1);
  }

  private String longropeFactors(int length) {
    return length > original() && !config.is("phimoe") ? "long_factor" : "short_factor";
  }

  private double[] llama3() {
    double[] f = powers(theta);
    double low = parameters.number("low_freq_factor");
    double high = parameters.number("high_freq_factor");
    for (int i = 0; i < f.length; i++) {
      double turns = original() * f[i] / (2 * Math.PI);
      double kept = clip((turns - low) / (high - low));
      f[i] = (1 - kept) * f[i] / parameters.number("factor") + kept * f[i];
    }
    return f;
  }

  private double[] yarn() {
    double[] f = powers(theta);
    double low = correction(parameters.number("beta_fast", 32));
    double high = correction(parameters.number("beta_slow", 1));
    if (parameters.flag("truncate", true)) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, dimension - 1);
    double width = high == low ? 0.001 : high - low;
    for (int i = 0; i < f.length; i++) {
      double ramp = clip((i - low) / width);
      f[i] = (1 - ramp) * f[i] + ramp * f[i] / factor();
    }
    return f;
  }

  private double correction(double beta) {
    return dimension * Math.log(original() / (2 * Math.PI * beta)) / (2 * Math.log(theta));
  }

  private static double clip(double value) {
    return Math.min(Math.max(value, 0), 1);
  }

  private double[] powers(double base) {
    double[] f = new double[pairs()];
    Arrays.setAll(f, i -> Math.pow(base, -2.0 * i / dimension));
    return f;
  }

  private static double[] divided(double[] f, double... divisors) {
    Arrays.setAll(f, i -> f[i] / divisors[divisors.length == 1 ? 0 : i]);
    return f;
  }

  /** Cosines and sines by position and pair. */
  record Table(double[][] cos, double[][] sin) {
    /** Turns the first pairs of one head at a position, in place. */
    void rotate(double[] x, int head, int position, boolean neighbours) {
      int pairs = cos[position].length;
      for (int i = 0; i < pairs; i++) {
        int one = head + (neighbours ? 2 * i : i);
        int other = neighbours ? one + 1 : one + pairs;
        double a = x[one];
        double b = x[other];
        x[one] = a * cos[position][i] - b * sin[position][i];
        x[other] = b * cos[position][i] + a * sin[position][i];
      }
    }
  }
}
