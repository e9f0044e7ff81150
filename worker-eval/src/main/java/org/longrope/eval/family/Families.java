package org.longrope.eval.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.AttentionSpec.HeadNorm;
import org.longrope.eval.family.DecoderSpec.Scales;
import org.longrope.eval.family.Family.Bias;

/**
 * Table of all model families that are read, by the model_type of config.json. An entry says in
 * what a family differs from Llama.
 */
final class Families {
  private static final Map<String, Family> BY_TYPE = new TreeMap<>();

  /** Width of a Gemma 3 whose config does not say. */
  private static final int GEMMA3_HIDDEN_SIZE = 2304;

  private static final Bias ATTENTION_BIAS = Bias.when("attention_bias");
  private static final Bias MLP_BIAS = Bias.when("mlp_bias");

  static {
    llamas();
    qwens();
    phis();
    gemmas();
    olmos();
    granites();
    glms();
    cohere();
    latent();
    others();
  }

  private Families() {}

  /** Returns the family of a model_type; null if it is none of them. */
  static @Nullable Family of(String modelType) {
    return BY_TYPE.get(modelType);
  }

  /** Returns all types, sorted. */
  static List<String> types() {
    return List.copyOf(BY_TYPE.keySet());
  }

  private static Family add(String modelType) {
    Family family = Family.like(modelType);
    BY_TYPE.put(modelType, family);
    return family;
  }

  private static void llamas() {
    add("llama").biases(ATTENTION_BIAS, ATTENTION_BIAS, MLP_BIAS).ignores("pretraining_tp");
    add("arcee")
        .epsilon(1e-5)
        .positions(4096)
        .biases(ATTENTION_BIAS, ATTENTION_BIAS, MLP_BIAS)
        .ungated("mlp.up_proj", "mlp.down_proj")
        .activation("hidden_act", "relu2");
    add("mistral")
        .positions(131_072)
        .keyValueHeads(8)
        .biases(Bias.NEVER, Bias.NEVER, Bias.NEVER)
        .plan(LayerPlans::mistral);
    add("ministral")
        .positions(131_072)
        .keyValueHeads(8)
        .requiresHeadWidth(true)
        .biases(Bias.NEVER, Bias.NEVER, Bias.NEVER)
        .plan(LayerPlans::ministral);
    add("ministral3")
        .epsilon(1e-5)
        .positions(262_144)
        .keyValueHeads(8)
        .headWidth(128)
        .rope(Families::ministral3Rope)
        .positionScale(true)
        .biases(Bias.NEVER, Bias.NEVER, Bias.NEVER)
        .plan(LayerPlans::windowed);
    add("mixtral")
        .epsilon(1e-5)
        .theta(1e6)
        .positions(131_072)
        .keyValueHeads(8)
        .biases(Bias.NEVER, Bias.NEVER, Bias.NEVER)
        .plan(LayerPlans::windowed)
        .experts(ExpertRules::mixtral, config -> layer -> true)
        .name(LayerWeight.ROUTER, "block_sparse_moe.gate")
        .name(LayerWeight.EXPERT_GATE, "block_sparse_moe.experts.%d.w1")
        .name(LayerWeight.EXPERT_UP, "block_sparse_moe.experts.%d.w3")
        .name(LayerWeight.EXPERT_DOWN, "block_sparse_moe.experts.%d.w2");
  }

  private static void ministral3Rope(ObjectNode table) {
    table
        .put("rope_type", "yarn")
        .put("rope_theta", 1e6)
        .put("factor", 16.0)
        .put("original_max_position_embeddings", 16384)
        .put("beta_fast", 32.0)
        .put("beta_slow", 1.0)
        .put("mscale", 1.0)
        .put("mscale_all_dim", 1.0)
        .put("llama_4_scaling_beta", 0.1);
  }

  private static void qwens() {
    add("qwen2")
        .positions(32_768)
        .keyValueHeads(32)
        .biases(Bias.ALWAYS, Bias.NEVER, Bias.NEVER)
        .plan(LayerPlans::qwen2)
        .ignores("attention_bias");
    experts(
        add("qwen2_moe")
            .positions(32_768)
            .keyValueHeads(16)
            .biases(Bias.unless("qkv_bias"), Bias.NEVER, Bias.NEVER)
            .plan(LayerPlans::qwen2Experts)
            .experts(ExpertRules::qwen2, ExpertRules::qwenLayers)
            .name(LayerWeight.SHARED_GATE, "mlp.shared_expert.gate_proj")
            .name(LayerWeight.SHARED_UP, "mlp.shared_expert.up_proj")
            .name(LayerWeight.SHARED_DOWN, "mlp.shared_expert.down_proj")
            .name(LayerWeight.SHARED_SHARE, "mlp.shared_expert_gate")
            .ignores("attention_bias"));
    add("qwen3")
        .positions(32_768)
        .headWidth(128)
        .keyValueHeads(32)
        .headNorm(HeadNorm.EACH, "q_norm", "k_norm")
        .plan(LayerPlans::qwen2);
    experts(
        add("qwen3_moe")
            .positions(32_768)
            .keyValueHeads(4)
            .headNorm(HeadNorm.EACH, "q_norm", "k_norm")
            .plan(LayerPlans::qwen3Experts)
            .experts(ExpertRules::qwen3, ExpertRules::qwenLayers));
  }

  /** Names router and experts as most families do. */
  private static Family experts(Family family) {
    return family
        .name(LayerWeight.ROUTER, "mlp.gate")
        .name(LayerWeight.EXPERT_GATE, "mlp.experts.%d.gate_proj")
        .name(LayerWeight.EXPERT_UP, "mlp.experts.%d.up_proj")
        .name(LayerWeight.EXPERT_DOWN, "mlp.experts.%d.down_proj");
  }

  private static void phis() {
    add("phi")
        .epsilon("layer_norm_eps", 1e-5)
        .partial(0.5)
        .normWithBias(Norm.LAYER)
        .block(Block.PARALLEL)
        .headNorm(
            config -> config.flag("qk_layernorm", false) ? HeadNorm.EACH : HeadNorm.NONE,
            "q_layernorm",
            "k_layernorm")
        .headNormBias(true)
        .biases(Bias.ALWAYS, Bias.ALWAYS, Bias.ALWAYS)
        .name(LayerWeight.WO, "self_attn.dense")
        .ungated("mlp.fc1", "mlp.fc2")
        .activation("hidden_act", "gelu_new")
        .lastNorm("final_layernorm")
        .headBias(Bias.ALWAYS);
    add("phi3")
        .epsilon(1e-5)
        .positions(4096)
        .partial(1)
        .biases(Bias.NEVER, Bias.NEVER, Bias.NEVER)
        .fusedProjections("self_attn.qkv_proj")
        .fusedGate("mlp.gate_up_proj")
        .plan(LayerPlans::windowed)
        .ignores("attention_bias");
    add("phimoe")
        .epsilon(1e-5)
        .theta(1e6)
        .positions(131_072)
        .keyValueHeads(8)
        .normWithBias(Norm.LAYER)
        .headBias(Bias.when("lm_head_bias"))
        .plan(LayerPlans::windowed)
        .experts(ExpertRules::phi, config -> layer -> true)
        .name(LayerWeight.ROUTER, "block_sparse_moe.gate")
        .name(LayerWeight.EXPERT_GATE, "block_sparse_moe.experts.%d.w1")
        .name(LayerWeight.EXPERT_UP, "block_sparse_moe.experts.%d.w3")
        .name(LayerWeight.EXPERT_DOWN, "block_sparse_moe.experts.%d.w2");
  }

  private static void gemmas() {
    add("gemma")
        .positions(8192)
        .headWidth(256)
        .keyValueHeads(16)
        .tied(true)
        .norm(Norm.RMS_PLUS_ONE)
        .activation("hidden_act", "gelu_pytorch_tanh")
        .geluIsTanh(true)
        .scales(config -> gemma(config, null))
        .ignores("hidden_activation");
    gemma2("gemma2")
        .positions(8192)
        .softCap(config -> config.positiveOrNull("attn_logit_softcapping", 50.0))
        .scales(config -> gemma(config, 30.0))
        .plan(LayerPlans.everyOther(4096));
    gemma2("gemma3_text")
        .positions(131_072)
        .theta(1e6)
        .headNorm(HeadNorm.EACH, "q_norm", "k_norm")
        .scales(config -> gemma(config, null))
        .plan(LayerPlans.localTable(6, true))
        .localTable((config, taken) -> config.positive("rope_local_base_freq", 1e4))
        .sizes(
            Map.of(
                "vocab_size", 262_208,
                "hidden_size", GEMMA3_HIDDEN_SIZE,
                "intermediate_size", 9216,
                "num_hidden_layers", 26,
                "num_attention_heads", 8))
        .ignores("hidden_act", "attn_logit_softcapping");
  }

  private static Family gemma2(String modelType) {
    return add(modelType)
        .headWidth(256)
        .keyValueHeads(4)
        .tied(true)
        .norm(Norm.RMS_PLUS_ONE)
        .block(Block.SANDWICH)
        .name(LayerWeight.ATTENTION_OUTPUT_NORM, "post_attention_layernorm")
        .name(LayerWeight.FEED_FORWARD_NORM, "pre_feedforward_layernorm")
        .name(LayerWeight.FEED_FORWARD_OUTPUT_NORM, "post_feedforward_layernorm")
        .scoreScale(
            (config, width) -> Math.pow(config.positive("query_pre_attn_scalar", 256), -0.5))
        .activation("hidden_activation", "gelu_pytorch_tanh")
        .ignores("hidden_act");
  }

  private static Scales gemma(ConfigFields config, @Nullable Double cap) {
    double root =
        Math.sqrt(config.count("hidden_size", DecoderSpecReader.MOST_WIDTH, GEMMA3_HIDDEN_SIZE));
    return new Scales(
        root,
        1,
        1,
        1,
        cap == null && config.node().path("final_logit_softcapping").isMissingNode()
            ? null
            : config.positiveOrNull("final_logit_softcapping", cap));
  }

  private static void olmos() {
    add("olmo")
        .fixedEpsilon()
        .norm(Norm.LAYER_UNWEIGHTED)
        .clip(config -> config.positiveOrNull("clip_qkv", null));
    olmo2("olmo2");
    olmo2("olmo3")
        .theta(5e5)
        .plan(LayerPlans.localTable(4, false))
        .localTable(
            (config, taken) ->
                taken || !config.has("rope_theta") ? 5e5 : config.positive("rope_theta"))
        .ignores("sliding_window_pattern");
    experts(
        add("olmoe")
            .epsilon(1e-5)
            .positions(4096)
            .headNorm(HeadNorm.WHOLE, "q_norm", "k_norm")
            .clip(config -> config.positiveOrNull("clip_qkv", null))
            .experts(ExpertRules::olmo, config -> layer -> true));
  }

  private static Family olmo2(String modelType) {
    return post(add(modelType)).epsilon(1e-5).headNorm(HeadNorm.WHOLE, "q_norm", "k_norm");
  }

  private static Family post(Family family) {
    return family
        .block(Block.POST)
        .name(LayerWeight.ATTENTION_OUTPUT_NORM, "post_attention_layernorm")
        .name(LayerWeight.FEED_FORWARD_OUTPUT_NORM, "post_feedforward_layernorm");
  }

  private static void granites() {
    granite("granite").biases(ATTENTION_BIAS, ATTENTION_BIAS, MLP_BIAS);
    granite("granitemoe")
        .experts(ExpertRules::granite, config -> layer -> true)
        .name(LayerWeight.ROUTER, "block_sparse_moe.router.layer")
        .name(LayerWeight.EXPERT_GATE, "block_sparse_moe.input_linear")
        .name(LayerWeight.EXPERT_UP, "block_sparse_moe.input_linear")
        .name(LayerWeight.EXPERT_DOWN, "block_sparse_moe.output_linear");
  }

  private static Family granite(String modelType) {
    return add(modelType)
        .scoreScale((config, width) -> config.positive("attention_multiplier", 1))
        .scales(
            config ->
                new Scales(
                    config.positive("embedding_multiplier", 1),
                    config.positive("residual_multiplier", 1),
                    1,
                    1 / config.positive("logits_scaling", 1),
                    null));
  }

  private static void glms() {
    glm("glm");
    glm("glm4")
        .block(Block.SANDWICH)
        .name(LayerWeight.ATTENTION_OUTPUT_NORM, "post_self_attn_layernorm")
        .name(LayerWeight.FEED_FORWARD_NORM, "post_attention_layernorm")
        .name(LayerWeight.FEED_FORWARD_OUTPUT_NORM, "post_mlp_layernorm");
  }

  private static Family glm(String modelType) {
    return add(modelType)
        .epsilon(1.5625e-7)
        .positions(131_072)
        .partial(0.5)
        .headWidth(128)
        .keyValueHeads(2)
        .neighbours(config -> true)
        .biases(Bias.unless("attention_bias"), Bias.NEVER, Bias.NEVER)
        .fusedGate("mlp.gate_up_proj");
  }

  private static void cohere() {
    cohere("cohere")
        .theta(5e5)
        .headNorm(
            config -> config.flag("use_qk_norm", false) ? HeadNorm.EACH_OWN : HeadNorm.NONE,
            "q_norm",
            "k_norm");
    cohere("cohere2").plan(LayerPlans::cohere2).ignores("use_qk_norm");
  }

  private static Family cohere(String modelType) {
    return add(modelType)
        .epsilon("layer_norm_eps", 1e-5)
        .positions(8192)
        .tied(true)
        .norm(Norm.LAYER)
        .block(Block.PARALLEL)
        .neighbours(config -> true)
        .scales(config -> new Scales(1, 1, 1, config.positive("logit_scale", 0.0625), null));
  }

  private static void latent() {
    experts(
        add("deepseek_v3")
            .positions(4096)
            .latent(128, 128)
            .neighbours(config -> config.flag("rope_interleave", true))
            .scoreScale(ExpertRules::deepseekScale)
            .name(LayerWeight.ROUTER_CORRECTION, "mlp.gate.e_score_correction_bias")
            .name(LayerWeight.SHARED_GATE, "mlp.shared_experts.gate_proj")
            .name(LayerWeight.SHARED_UP, "mlp.shared_experts.up_proj")
            .name(LayerWeight.SHARED_DOWN, "mlp.shared_experts.down_proj")
            .experts(ExpertRules::deepseek, ExpertRules::deepseekLayers)
            .ignores("head_dim"));
    add("minicpm3")
        .epsilon(1e-5)
        .positions(32_768)
        .tied(true)
        .latent(0, 40)
        .scoreScale(ExpertRules::deepseekScale)
        .biases(ATTENTION_BIAS, ATTENTION_BIAS, MLP_BIAS)
        .scales(Families::minicpm)
        .ignores("head_dim");
  }

  private static Scales minicpm(ConfigFields config) {
    int layers = config.count("num_hidden_layers", DecoderSpecReader.MOST_LAYERS);
    Double depth = config.positiveOrNull("scale_depth", 1.4);
    Double base = config.positiveOrNull("dim_model_base", 256.0);
    int hidden = config.count("hidden_size", DecoderSpecReader.MOST_WIDTH);
    return new Scales(
        config.positive("scale_emb", 12),
        depth == null ? 1 : depth / Math.sqrt(layers),
        base == null ? 1 : base / hidden,
        1,
        null);
  }

  private static void others() {
    add("smollm3")
        .theta(2e6)
        .positions(32_768)
        .keyValueHeads(4)
        .tied(true)
        .biases(ATTENTION_BIAS, ATTENTION_BIAS, MLP_BIAS)
        .plan(LayerPlans::smollm3)
        .ignores("max_window_layers", "pretraining_tp");
    add("seed_oss")
        .positions(524_288)
        .headWidth(128)
        .keyValueHeads(8)
        .biases(Bias.unless("attention_bias"), Bias.when("attention_out_bias"), MLP_BIAS);
    add("starcoder2")
        .epsilon("norm_epsilon", 1e-5)
        .positions(4096)
        .keyValueHeads(2)
        .tied(true)
        .normWithBias(Norm.LAYER)
        .biases(Bias.unless("use_bias"), Bias.unless("use_bias"), Bias.unless("use_bias"))
        .ungated("mlp.c_fc", "mlp.c_proj")
        .activation("hidden_act", "gelu_pytorch_tanh")
        .plan(LayerPlans::windowed);
    add("gpt_oss")
        .epsilon(1e-5)
        .theta(15e4)
        .positions(131_072)
        .headWidth(64)
        .keyValueHeads(8)
        .rope(Families::gptOssRope)
        .sinks("self_attn.sinks")
        .biases(Bias.unless("attention_bias"), Bias.unless("attention_bias"), Bias.NEVER)
        .plan(LayerPlans.everyOther(128))
        .experts(ExpertRules::gptOss, config -> layer -> true)
        .name(LayerWeight.ROUTER, "mlp.router")
        .name(LayerWeight.EXPERT_GATE_UP, "mlp.experts.gate_up_proj")
        .name(LayerWeight.EXPERT_DOWN_IN_OUT, "mlp.experts.down_proj");
    post(add("exaone4"))
        .epsilon(1e-5)
        .positions(2048)
        .keyValueHeads(32)
        .headNorm(HeadNorm.EACH, "q_norm", "k_norm")
        .biases(Bias.NEVER, Bias.NEVER, Bias.NEVER)
        .plan(LayerPlans::exaone4);
    add("ernie4_5")
        .epsilon(1e-5)
        .theta(5e5)
        .positions(131_072)
        .headWidth(128)
        .keyValueHeads(2)
        .tied(true)
        .neighbours(config -> true)
        .biases(Bias.when("use_bias"), Bias.when("use_bias"), Bias.when("use_bias"));
    add("hunyuan_v1_dense")
        .epsilon(1e-5)
        .requiresHeadWidth(true)
        .readsAlpha(true)
        .headNorm(HeadNorm.ROTATED, "query_layernorm", "key_layernorm")
        .ignores("use_qk_norm");
    add("apertus")
        .epsilon(1e-5)
        .positions(65_536)
        .theta(12e6)
        .rope(Families::apertusRope)
        .name(LayerWeight.ATTENTION_NORM, "attention_layernorm")
        .name(LayerWeight.FEED_FORWARD_NORM, "feedforward_layernorm")
        .headNorm(HeadNorm.EACH, "q_norm", "k_norm")
        .ungated("mlp.up_proj", "mlp.down_proj")
        .activation("hidden_act", "xielu");
    add("stablelm")
        .epsilon("layer_norm_eps", 1e-5)
        .positions(4096)
        .partial(0.25)
        .dividesHiddenSize(true)
        .keyValueHeads(32)
        .normWithBias(Norm.LAYER)
        .block(config -> config.flag("use_parallel_residual", false) ? Block.PARALLEL : Block.PRE)
        .headNorm(
            config -> config.flag("qk_layernorm", false) ? HeadNorm.EACH_OWN : HeadNorm.NONE,
            "q_layernorm.norms.%d",
            "k_layernorm.norms.%d")
        .biases(Bias.when("use_qkv_bias"), Bias.NEVER, Bias.NEVER);
    add("helium")
        .epsilon(1e-8)
        .theta(1e5)
        .positions(4096)
        .headWidth(128)
        .keyValueHeads(20)
        .neighbours(config -> true)
        .biases(ATTENTION_BIAS, Bias.NEVER, MLP_BIAS);
    add("nemotron")
        .epsilon("norm_eps", 1e-5)
        .positions(4096)
        .partial(0.5)
        .requiresKeyValueHeads(true)
        .normWithBias(Norm.LAYER_PLUS_ONE)
        .biases(ATTENTION_BIAS, ATTENTION_BIAS, MLP_BIAS)
        .ungated("mlp.up_proj", "mlp.down_proj")
        .activation("hidden_act", "relu2");
  }

  private static void gptOssRope(ObjectNode table) {
    table
        .put("rope_type", "yarn")
        .put("factor", 32.0)
        .put("beta_fast", 32.0)
        .put("beta_slow", 1.0)
        .put("truncate", false)
        .put("original_max_position_embeddings", 4096);
  }

  private static void apertusRope(ObjectNode table) {
    table
        .put("rope_type", "llama3")
        .put("rope_theta", 12e6)
        .put("factor", 8.0)
        .put("original_max_position_embeddings", 8192)
        .put("low_freq_factor", 1.0)
        .put("high_freq_factor", 4.0);
  }
}
