package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import org.longrope.eval.BadInputException;

/**
 * Fields that change the forward pass of some family, with the values that change nothing. A family
 * that does not read such a field would be computed as if it were not there; the reader rejects it.
 */
final class ForeignFields {
  private static final Map<String, double[]> NEUTRAL_NUMBERS = new TreeMap<>();
  private static final String[] NEUTRAL_IF_FALSE = {
    "attention_bias",
    "attention_out_bias",
    "qkv_bias",
    "use_qkv_bias",
    "use_bias",
    "mlp_bias",
    "lm_head_bias",
    "use_sliding_window",
    "qk_layernorm",
    "use_qk_norm",
    "use_qk_layernorm",
    "parallel_attn",
    "use_parallel_residual",
    "use_bidirectional_attention",
    "alibi",
    "use_mla"
  };

  /** Fields whose every value but null, false, 0, an empty text, list or object matters. */
  private static final String[] NEUTRAL_IF_EMPTY = {
    "sliding_window",
    "no_rope_layers",
    "attn_logit_softcapping",
    "final_logit_softcapping",
    "query_pre_attn_scalar",
    "clip_qkv",
    "dual_chunk_attention_config",
    "num_local_experts",
    "num_experts",
    "n_routed_experts",
    "mlp_only_layers",
    "q_lora_rank",
    "kv_lora_rank",
    "qk_rope_head_dim",
    "qk_nope_head_dim",
    "v_head_dim",
    "rope_local_base_freq",
    "llama_4_scaling_beta",
    "router_jitter_noise",
    "layer_types",
    "attention_chunk_size",
    "cross_attention_layers",
    "altup_num_inputs",
    "laurel_rank",
    "hidden_size_per_layer_input",
    "mamba_d_state",
    "linear_num_value_heads",
    "shared_intermediate_size",
    "block_types",
    "hc_mult",
    "index_topk",
    "yarn",
    "alpha",
    "hidden_activation",
    "num_kv_shared_layers",
    "use_deterministic_attn",
    "n_shared_experts",
    "shared_expert_intermediate_size"
  };

  static {
    for (String field :
        new String[] {
          "embedding_multiplier",
          "residual_multiplier",
          "attention_multiplier",
          "logits_scaling",
          "logit_scale",
          "scale_emb",
          "mup_enabled",
          "pretraining_tp",
          "partial_rotary_factor",
          "rotary_pct",
          "expansion_ratio"
        }) {
      NEUTRAL_NUMBERS.put(field, new double[] {0, 1});
    }
    NEUTRAL_NUMBERS.put("scale_depth", new double[] {0});
    NEUTRAL_NUMBERS.put("dim_model_base", new double[] {0});
  }

  private ForeignFields() {}

  /**
   * Rejects a field that nobody has read and that would change another family.
   *
   * @throws BadInputException naming the field
   */
  static void reject(ConfigFields config, String modelType) {
    for (String field : NEUTRAL_IF_FALSE) {
      require(config, modelType, field, isEmpty(config.node().path(field)));
    }
    for (String field : NEUTRAL_IF_EMPTY) {
      require(config, modelType, field, isEmpty(config.node().path(field)));
    }
    NEUTRAL_NUMBERS.forEach(
        (field, neutral) -> {
          JsonNode value = config.node().path(field);
          boolean harmless = isEmpty(value);
          for (double number : neutral) {
            harmless |= value.isNumber() && value.asDouble() == number;
          }
          require(config, modelType, field, harmless);
        });
  }

  private static void require(
      ConfigFields config, String modelType, String field, boolean harmless) {
    if (!harmless && !config.wasRead(field)) {
      throw config.bad(
          field,
          "nothing, because transformers does not read it for model_type "
              + modelType
              + " and another reader may");
    }
  }

  private static boolean isEmpty(JsonNode value) {
    return value.isMissingNode()
        || value.isNull()
        || value.isBoolean() && !value.asBoolean()
        || value.isNumber() && value.asDouble() == 0
        || value.isTextual() && value.asText().isEmpty()
        || value.isContainerNode() && value.isEmpty();
  }
}
