package org.longrope.eval.family;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.AttentionSpec.HeadNorm;
import org.longrope.eval.family.AttentionSpec.Pairing;
import org.longrope.eval.family.DecoderSpec.Scales;

/**
 * Model family: the defaults that transformers 5 gives absent fields, the names of the tensors, and
 * the pieces of which the decoder is made. A new one is a Llama; each method states a difference.
 *
 * <p>The tables of FAMILIES in the documentation of transformers' configuration classes are its
 * source.
 */
final class Family {
  /** Original window of a Phi-3 whose config does not give it at the top. */
  static final int PHI3_ORIGINAL = 4096;

  /**
   * Condition of a bias.
   *
   * @param field that says whether there is one; null if no field does
   * @param absent what holds without the field
   */
  record Bias(@Nullable String field, boolean absent) {
    static final Bias NEVER = new Bias(null, false);
    static final Bias ALWAYS = new Bias(null, true);

    static Bias unless(String field) {
      return new Bias(field, true);
    }

    static Bias when(String field) {
      return new Bias(field, false);
    }

    boolean read(ConfigFields config) {
      return field == null ? absent : config.flag(field, absent);
    }
  }

  /** Rule for the base of the windowed layers' own table. */
  @FunctionalInterface
  interface LocalTheta {
    /**
     * Returns the base where the table has none.
     *
     * @param topTaken whether the other table takes the base at the top of config.json
     */
    double theta(ConfigFields config, boolean topTaken);
  }

  /** Rule for the factor on the scores. */
  @FunctionalInterface
  interface ScoreScale {
    double scale(ConfigFields config, int keyWidth);
  }

  /** Rule for a value that config.json gives. */
  @FunctionalInterface
  interface Rule<T> {
    T read(ConfigFields config);
  }

  /** Rule for a number that config.json may give; null for none. */
  @FunctionalInterface
  interface OptionalRule {
    @Nullable Double read(ConfigFields config);
  }

  /** Rule for the layers that are mixtures of experts. */
  @FunctionalInterface
  interface ExpertLayers {
    IntPredicate read(ConfigFields config);
  }

  final String modelType;
  private final Map<LayerWeight, String> names = new EnumMap<>(LayerWeight.class);

  String epsilonField = "rms_norm_eps";
  @Nullable Double epsilon = 1e-6;
  double theta = 1e4;
  int positions = 2048;
  double partial = 1;
  boolean readsPartial;
  boolean readsAlpha;
  Consumer<ObjectNode> rope = table -> {};
  @Nullable LocalTheta localTheta;
  @Nullable Integer headWidth;
  boolean requiresHeadWidth;
  boolean dividesHiddenSize;
  @Nullable Integer keyValueHeads;
  boolean requiresKeyValueHeads;
  boolean tied;
  Norm norm = Norm.RMS;
  boolean normBias;
  Rule<Block> block = config -> Block.PRE;
  Rule<HeadNorm> headNorm = config -> HeadNorm.NONE;
  boolean headNormBias;
  Rule<Pairing> pairing = config -> Pairing.HALVES;
  OptionalRule clip = config -> null;
  OptionalRule softCap = config -> null;
  ScoreScale scoreScale = (config, width) -> 1 / Math.sqrt(width);
  boolean sinks;
  boolean latent;
  int latentValueWidth;
  int latentHeads;
  boolean positionScale;
  Bias queryKeyValueBias = Bias.when("attention_bias");
  Bias outputBias = Bias.when("attention_bias");
  Bias feedForwardBias = Bias.NEVER;
  boolean fusedProjections;
  boolean fusedGate;
  boolean gated = true;
  String activationField = "hidden_act";
  String activation = "silu";
  boolean geluIsTanh;
  LayerPlans.Rule plan = LayerPlans::full;
  Rule<Scales> scales = config -> Scales.NONE;
  @Nullable Rule<ExpertsSpec> experts;
  ExpertLayers expertLayers = config -> layer -> true;
  String lastNorm = "norm";
  Bias headBias = Bias.NEVER;
  Map<String, Integer> sizes = Map.of();
  String[] ignored = {};

  private Family(String modelType) {
    this.modelType = modelType;
    name(LayerWeight.ATTENTION_NORM, "input_layernorm");
    name(LayerWeight.FEED_FORWARD_NORM, "post_attention_layernorm");
    name(LayerWeight.WQ, "self_attn.q_proj");
    name(LayerWeight.WK, "self_attn.k_proj");
    name(LayerWeight.WV, "self_attn.v_proj");
    name(LayerWeight.WO, "self_attn.o_proj");
    name(LayerWeight.GATE, "mlp.gate_proj");
    name(LayerWeight.UP, "mlp.up_proj");
    name(LayerWeight.DOWN, "mlp.down_proj");
  }

  /** Begins with Llama, as transformers reads it. */
  static Family like(String modelType) {
    return new Family(modelType);
  }

  /** Names the module of a weight below its layer. */
  Family name(LayerWeight weight, String module) {
    names.put(weight, module);
    return this;
  }

  String name(LayerWeight weight) {
    String name = names.get(weight);
    if (name == null) {
      throw new IllegalStateException(modelType + " names no " + weight);
    }
    return name;
  }

  Family epsilon(double absent) {
    epsilon = absent;
    return this;
  }

  Family epsilon(String field, double absent) {
    epsilonField = field;
    epsilon = absent;
    return this;
  }

  /** States an epsilon that no field changes. */
  Family fixedEpsilon() {
    epsilon = null;
    return this;
  }

  double epsilon(ConfigFields config) {
    return epsilon == null ? 1e-5 : config.number(epsilonField, 0, 1, epsilon);
  }

  Family theta(double absent) {
    theta = absent;
    return this;
  }

  Family positions(int absent) {
    positions = absent;
    return this;
  }

  /** States that the part of a head that is rotated is read for every rope type. */
  Family partial(double absent) {
    partial = absent;
    readsPartial = true;
    return this;
  }

  Family readsAlpha(boolean reads) {
    readsAlpha = reads;
    return this;
  }

  /** States the RoPE parameters of a config that has none. */
  Family rope(Consumer<ObjectNode> absent) {
    rope = absent;
    return this;
  }

  ObjectNode rope() {
    ObjectNode table = JsonNodeFactory.instance.objectNode();
    rope.accept(table);
    return table;
  }

  Family localTable(LocalTheta absent) {
    localTheta = absent;
    return this;
  }

  boolean hasLocalTable() {
    return localTheta != null;
  }

  LocalTheta localTheta() {
    if (localTheta == null) {
      throw new IllegalStateException(modelType + " has one table");
    }
    return localTheta;
  }

  Family headWidth(int absent) {
    headWidth = absent;
    return this;
  }

  Family requiresHeadWidth(boolean requires) {
    requiresHeadWidth = requires;
    return this;
  }

  /** States that head_dim cannot differ from hidden size / heads. */
  Family dividesHiddenSize(boolean divides) {
    dividesHiddenSize = divides;
    return this;
  }

  int headWidth(ConfigFields config, int hiddenSize, int heads) {
    boolean given = config.has("head_dim");
    boolean isNull = config.contains("head_dim") && !given;
    if (!given && requiresHeadWidth || isNull && headWidth != null) {
      throw config.bad("head_dim", "a number, without which transformers fails for " + modelType);
    }
    if (given) {
      int width = config.count("head_dim", DecoderSpecReader.MOST_WIDTH);
      if (dividesHiddenSize && (long) width * heads != hiddenSize) {
        throw config.bad("head_dim", "hidden_size / num_attention_heads, or nothing");
      }
      return width;
    }
    if (headWidth != null) {
      return headWidth;
    }
    if (hiddenSize % heads != 0) {
      throw config.bad("num_attention_heads", "a divisor of hidden_size, " + hiddenSize);
    }
    return hiddenSize / heads;
  }

  Family keyValueHeads(int absent) {
    keyValueHeads = absent;
    return this;
  }

  Family requiresKeyValueHeads(boolean requires) {
    requiresKeyValueHeads = requires;
    return this;
  }

  int keyValueHeads(ConfigFields config, int heads) {
    String field = "num_key_value_heads";
    if (!config.contains(field) && requiresKeyValueHeads) {
      throw config.bad(field, "a number, without which transformers fails for " + modelType);
    }
    int count =
        config.has(field)
            ? config.count(field, DecoderSpecReader.MOST_WIDTH)
            : config.contains(field) || keyValueHeads == null ? heads : keyValueHeads;
    if (heads % count != 0) {
      throw config.bad(field, "a divisor of num_attention_heads, " + heads + ", not " + count);
    }
    return count;
  }

  Family tied(boolean absent) {
    tied = absent;
    return this;
  }

  Family norm(Norm kind) {
    norm = kind;
    return this;
  }

  /** States a norm with biases. */
  Family normWithBias(Norm kind) {
    norm = kind;
    normBias = true;
    return this;
  }

  Family block(Block kind) {
    block = config -> kind;
    return this;
  }

  Family block(Rule<Block> rule) {
    block = rule;
    return this;
  }

  Block block(ConfigFields config) {
    return block.read(config);
  }

  /** States norms of queries and keys, and their modules below the attention. */
  Family headNorm(Rule<HeadNorm> rule, String query, String key) {
    headNorm = rule;
    name(LayerWeight.QUERY_NORM, "self_attn." + query);
    name(LayerWeight.KEY_NORM, "self_attn." + key);
    return this;
  }

  Family headNorm(HeadNorm kind, String query, String key) {
    return headNorm(config -> kind, query, key);
  }

  Family headNormBias(boolean bias) {
    headNormBias = bias;
    return this;
  }

  HeadNorm headNorm(ConfigFields config) {
    return headNorm.read(config);
  }

  Family neighbours(Rule<Boolean> rule) {
    pairing = config -> rule.read(config) ? Pairing.NEIGHBOURS : Pairing.HALVES;
    return this;
  }

  Pairing pairing(ConfigFields config) {
    return pairing.read(config);
  }

  Family clip(OptionalRule rule) {
    clip = rule;
    return this;
  }

  @Nullable Double clip(ConfigFields config) {
    return clip.read(config);
  }

  Family softCap(OptionalRule rule) {
    softCap = rule;
    return this;
  }

  @Nullable Double softCap(ConfigFields config) {
    return softCap.read(config);
  }

  Family scoreScale(ScoreScale rule) {
    scoreScale = rule;
    return this;
  }

  double scoreScale(ConfigFields config, int keyWidth) {
    return scoreScale.scale(config, keyWidth);
  }

  Family sinks(String name) {
    sinks = true;
    return name(LayerWeight.SINKS, name);
  }

  /**
   * States latent attention.
   *
   * @param valueWidth default of v_head_dim; 0: hidden size / heads
   * @param keyValueHeads default of num_key_value_heads, which must equal the query heads
   */
  Family latent(int valueWidth, int keyValueHeads) {
    latent = true;
    latentValueWidth = valueWidth;
    latentHeads = keyValueHeads;
    name(LayerWeight.QUERY_DOWN, "self_attn.q_a_proj");
    name(LayerWeight.QUERY_DOWN_NORM, "self_attn.q_a_layernorm");
    name(LayerWeight.KEY_VALUE_DOWN, "self_attn.kv_a_proj_with_mqa");
    name(LayerWeight.KEY_VALUE_DOWN_NORM, "self_attn.kv_a_layernorm");
    return name(LayerWeight.KEY_VALUE_UP, "self_attn.kv_b_proj");
  }

  Family positionScale(boolean has) {
    positionScale = has;
    return this;
  }

  /** States the biases of q, k and v, of the output, and of the feed-forward. */
  Family biases(Bias queryKeyValue, Bias output, Bias feedForward) {
    queryKeyValueBias = queryKeyValue;
    outputBias = output;
    feedForwardBias = feedForward;
    return this;
  }

  /** States that q, k and v are rows of one tensor. */
  Family fusedProjections(String module) {
    fusedProjections = true;
    return name(LayerWeight.WQ, module).name(LayerWeight.WK, module).name(LayerWeight.WV, module);
  }

  /** States that gate and up are rows of one tensor. */
  Family fusedGate(String module) {
    fusedGate = true;
    return name(LayerWeight.GATE, module).name(LayerWeight.UP, module);
  }

  /** States a feed-forward without a gate. */
  Family ungated(String up, String down) {
    gated = false;
    return name(LayerWeight.UP, up).name(LayerWeight.DOWN, down);
  }

  Family activation(String field, String absent) {
    activationField = field;
    activation = absent;
    return this;
  }

  Family geluIsTanh(boolean is) {
    geluIsTanh = is;
    return this;
  }

  Activation activation(ConfigFields config) {
    String name = config.text(activationField, activation);
    return switch (name) {
      case "silu", "swish" -> Activation.SILU;
      case "gelu" -> geluIsTanh ? Activation.GELU_TANH : Activation.GELU;
      case "gelu_pytorch_tanh", "gelu_new" -> Activation.GELU_TANH;
      case "relu" -> Activation.RELU;
      case "relu2" -> Activation.RELU_SQUARED;
      case "xielu" -> Activation.XIELU;
      default ->
          throw config.bad(
              activationField,
              "one of silu, gelu, gelu_pytorch_tanh, gelu_new, relu, relu2, xielu");
    };
  }

  Family plan(LayerPlans.Rule rule) {
    plan = rule;
    return this;
  }

  Family scales(Rule<Scales> rule) {
    scales = rule;
    return this;
  }

  Scales scales(ConfigFields config) {
    return scales.read(config);
  }

  /** States a mixture of experts and its layers. */
  Family experts(Rule<ExpertsSpec> rule, ExpertLayers layers) {
    experts = rule;
    expertLayers = layers;
    return this;
  }

  @Nullable ExpertsSpec experts(ConfigFields config) {
    return experts == null ? null : experts.read(config);
  }

  IntPredicate expertLayers(ConfigFields config) {
    return expertLayers.read(config);
  }

  Family lastNorm(String module) {
    lastNorm = module;
    return this;
  }

  Family headBias(Bias bias) {
    headBias = bias;
    return this;
  }

  /** States sizes that published files leave out. */
  Family sizes(Map<String, Integer> absent) {
    sizes = absent;
    return this;
  }

  /** Reads a size. */
  int size(ConfigFields config, String field, int most) {
    Integer absent = sizes.get(field);
    return absent == null ? config.count(field, most) : config.count(field, most, absent);
  }

  /** States fields that transformers passes over for this family, whatever published files say. */
  Family ignores(String... fields) {
    ignored = fields;
    return this;
  }

  void ignoreFields(ConfigFields config) {
    for (String field : ignored) {
      config.ignore(field);
    }
  }
}
