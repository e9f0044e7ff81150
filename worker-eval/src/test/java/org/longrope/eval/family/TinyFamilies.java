package org.longrope.eval.family;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Random;
import java.util.function.Consumer;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.SafetensorsWriter;

/**
 * Tiny random checkpoints of every model type, and of the settings that change what is computed.
 * All have 64 tokens, hidden size 32 and 2 to 4 layers. Names and shapes of the tensors are written
 * out here, so that they check the code that derives them.
 */
public enum TinyFamilies {
  LLAMA(
      DType.F32,
      2,
      "model_type: 'llama', rope_theta: 2000.0, rope_scaling: null",
      t -> t.untied().llamaNorms().attention(32, 16).gated(24)),
  LLAMA_V5(
      DType.BF16,
      2,
      "model_type: 'llama', rope_parameters: {rope_type: 'default', rope_theta: 2000.0}",
      t -> t.untied().llamaNorms().attention(32, 16).gated(24)),
  LLAMA_BIASES(
      DType.F32,
      3,
      3,
      "model_type: 'llama', head_dim: 12, attention_bias: true, mlp_bias: true,"
          + " hidden_act: 'gelu', rms_norm_eps: 1e-3",
      t -> t.untied().llamaNorms().attention(48, 24).fourBiases(48, 24).gated(24).gatedBiases(24)),
  LLAMA_TIED(
      DType.BF16,
      2,
      "model_type: 'llama', num_key_value_heads: 'absent',"
          + " tie_word_embeddings: true, rope_theta: 1000",
      t -> t.tied().llamaNorms().attention(32, 32).gated(24)),
  LLAMA_LINEAR(
      DType.F16,
      2,
      "model_type: 'llama', rope_theta: 1000.0, rope_scaling: {type: 'linear', factor: 3.0}",
      t -> t.untied().llamaNorms().attention(32, 16).gated(24)),
  LLAMA_DYNAMIC(
      DType.F32,
      2,
      "model_type: 'llama', max_position_embeddings: 32,"
          + " rope_scaling: {rope_type: 'dynamic', factor: 2.5}",
      t -> t.untied().llamaNorms().attention(32, 16).gated(24)),
  LLAMA_LLAMA3(
      DType.BF16,
      2,
      "model_type: 'llama', max_position_embeddings: 256, rope_theta: 100.0,"
          + " rope_scaling: {rope_type: 'llama3', factor: 8.0, low_freq_factor: 1.0,"
          + " high_freq_factor: 4.0, original_max_position_embeddings: 32}",
      t -> t.untied().llamaNorms().attention(32, 16).gated(24)),
  LLAMA_YARN(
      DType.F32,
      2,
      "model_type: 'llama', head_dim: 16, max_position_embeddings: 128,"
          + " rope_theta: 500.0, rope_scaling: {type: 'yarn', factor: 4.0,"
          + " original_max_position_embeddings: 32, beta_fast: 4}",
      t -> t.untied().llamaNorms().attention(64, 32).gated(24)),
  LLAMA_YARN_MSCALE(
      DType.BF16,
      2,
      "model_type: 'llama', head_dim: 16, max_position_embeddings: 256,"
          + " rope_parameters: {rope_type: 'yarn', rope_theta: 500.0, factor: 8.0,"
          + " original_max_position_embeddings: 32, mscale: 1.3, mscale_all_dim: 0.6,"
          + " beta_fast: 4, beta_slow: 0.5, truncate: false}",
      t -> t.untied().llamaNorms().attention(64, 32).gated(24)),
  LLAMA_YARN_ATTENTION_FACTOR(
      DType.F32,
      2,
      "model_type: 'llama', head_dim: 16, max_position_embeddings: 128,"
          + " original_max_position_embeddings: 64, rope_theta: 500.0,"
          + " rope_scaling: {rope_type: 'yarn', factor: null,"
          + " original_max_position_embeddings: 32, attention_factor: 0.85, beta_fast: 8}",
      t -> t.untied().llamaNorms().attention(64, 32).gated(24)),
  LLAMA_LONGROPE(
      DType.F32,
      2,
      "model_type: 'llama', max_position_embeddings: 128,"
          + " rope_scaling: {rope_type: 'longrope', original_max_position_embeddings: 32,"
          + " short_factor: [1, 1.1, 1.2, 1.5], long_factor: [1, 1.5, 2.5, 5]}",
      t -> t.untied().llamaNorms().attention(32, 16).gated(24)),
  ARCEE(
      DType.BF16,
      2,
      "model_type: 'arcee', attention_bias: true, mlp_bias: true",
      t ->
          t.untied().llamaNorms().attention(32, 16).fourBiases(32, 16).upDown(24).upDownBiases(24)),
  MISTRAL(
      DType.F16,
      2,
      "model_type: 'mistral', head_dim: 12, sliding_window: 10",
      t -> t.untied().llamaNorms().attention(48, 24).gated(24)),
  MISTRAL_NO_WINDOW(
      DType.F32,
      2,
      "model_type: 'mistral', num_attention_heads: 8,"
          + " num_key_value_heads: 'absent', sliding_window: null",
      t -> t.untied().llamaNorms().attention(32, 32).gated(24)),
  MISTRAL_LAYER_TYPES(
      DType.BF16,
      3,
      "model_type: 'mistral', head_dim: 8, sliding_window: 12,"
          + " layer_types: ['full_attention', 'sliding_attention', 'full_attention']",
      t -> t.untied().llamaNorms().attention(32, 16).gated(24)),
  MINISTRAL(
      DType.BF16,
      4,
      "model_type: 'ministral', head_dim: 8, rope_theta: 1e6, sliding_window: 10,"
          + " layer_types: ['sliding_attention', 'full_attention', 'full_attention',"
          + " 'sliding_attention']",
      t -> t.untied().llamaNorms().attention(32, 16).gated(24)),
  MINISTRAL3(
      DType.F32,
      2,
      "model_type: 'ministral3', head_dim: 16, max_position_embeddings: 128,"
          + " sliding_window: null,"
          + " rope_parameters: {type: 'yarn', rope_theta: 500.0, factor: 4.0,"
          + " original_max_position_embeddings: 16, beta_fast: 4, mscale: 1.0,"
          + " mscale_all_dim: 1.0, llama_4_scaling_beta: 0.3}",
      t -> t.untied().llamaNorms().attention(64, 32).gated(24)),
  MINISTRAL3_ABSENT(
      DType.BF16,
      2,
      "model_type: 'ministral3', head_dim: 16, max_position_embeddings: 'absent',"
          + " sliding_window: 14",
      t -> t.untied().llamaNorms().attention(64, 32).gated(24)),
  MIXTRAL(
      DType.BF16,
      2,
      "model_type: 'mixtral', sliding_window: 10, num_local_experts: 4,"
          + " num_experts_per_tok: 'absent'",
      t -> t.untied().llamaNorms().attention(32, 16).sparseExperts(4, 24)),
  QWEN2(
      DType.BF16,
      2,
      "model_type: 'qwen2', rope_theta: 1e5, tie_word_embeddings: true, sliding_window: 8",
      t -> t.tied().llamaNorms().attention(32, 16).threeBiases(32, 16).gated(24)),
  QWEN2_MAX_WINDOW_LAYERS(
      DType.F32,
      4,
      "model_type: 'qwen2', use_sliding_window: true, sliding_window: 8, max_window_layers: 2",
      t -> t.untied().llamaNorms().attention(32, 16).threeBiases(32, 16).gated(24)),
  QWEN2_LAYER_TYPES(
      DType.F16,
      3,
      "model_type: 'qwen2', use_sliding_window: true, sliding_window: 8,"
          + " max_window_layers: 0,"
          + " layer_types: ['sliding_attention', 'full_attention', 'sliding_attention']",
      t -> t.untied().llamaNorms().attention(32, 16).threeBiases(32, 16).gated(24)),
  QWEN2_MOE(
      DType.BF16,
      4,
      "model_type: 'qwen2_moe', num_experts: 5, num_experts_per_tok: 2,"
          + " moe_intermediate_size: 16, shared_expert_intermediate_size: 20,"
          + " decoder_sparse_step: 2, use_sliding_window: true, sliding_window: 10,"
          + " max_window_layers: 2",
      t ->
          t.untied()
              .llamaNorms()
              .attention(32, 16)
              .threeBiases(32, 16)
              .gated(0, "mlp", 24)
              .gated(2, "mlp", 24)
              .experts(1, 5, 16)
              .gated(1, "mlp.shared_expert", 20)
              .layer(1, "mlp.shared_expert_gate.weight", 1, 32)
              .experts(3, 5, 16)
              .gated(3, "mlp.shared_expert", 20)
              .layer(3, "mlp.shared_expert_gate.weight", 1, 32)),
  QWEN2_MOE_NO_BIAS(
      DType.F32,
      3,
      "model_type: 'qwen2_moe', qkv_bias: false, norm_topk_prob: true,"
          + " num_experts: 5, moe_intermediate_size: 16,"
          + " shared_expert_intermediate_size: 20, num_experts_per_tok: 'absent',"
          + " mlp_only_layers: [1]",
      t ->
          t.untied()
              .llamaNorms()
              .attention(32, 16)
              .gated(1, "mlp", 24)
              .experts(0, 5, 16)
              .gated(0, "mlp.shared_expert", 20)
              .layer(0, "mlp.shared_expert_gate.weight", 1, 32)
              .experts(2, 5, 16)
              .gated(2, "mlp.shared_expert", 20)
              .layer(2, "mlp.shared_expert_gate.weight", 1, 32)),
  QWEN3(
      DType.BF16,
      2,
      "model_type: 'qwen3', head_dim: 12, rope_theta: 1e6, tie_word_embeddings: true",
      t -> t.tied().llamaNorms().attention(48, 24).queryKeyNorms(12, 12).gated(24)),
  QWEN3_ABSENT(
      DType.F32,
      2,
      "model_type: 'qwen3', num_attention_heads: 2, num_key_value_heads: 1",
      t -> t.untied().llamaNorms().attention(256, 128).queryKeyNorms(128, 128).gated(24)),
  QWEN3_BIASES_WINDOW(
      DType.F16,
      3,
      "model_type: 'qwen3', head_dim: 8, attention_bias: true,"
          + " use_sliding_window: true, sliding_window: 10, max_window_layers: 1,"
          + " rope_scaling: {rope_type: 'linear', factor: 2.0}",
      t ->
          t.untied()
              .llamaNorms()
              .attention(32, 16)
              .fourBiases(32, 16)
              .queryKeyNorms(8, 8)
              .gated(24)),
  QWEN3_MOE(
      DType.BF16,
      3,
      "model_type: 'qwen3_moe', head_dim: 12, num_experts: 5,"
          + " num_experts_per_tok: 2, moe_intermediate_size: 16, norm_topk_prob: true,"
          + " mlp_only_layers: [1], use_sliding_window: true, sliding_window: 10,"
          + " max_window_layers: 3",
      t ->
          t.untied()
              .llamaNorms()
              .attention(48, 24)
              .queryKeyNorms(12, 12)
              .experts(0, 5, 16)
              .gated(1, "mlp", 24)
              .experts(2, 5, 16)),
  QWEN3_MOE_BIASES(
      DType.F32,
      2,
      "model_type: 'qwen3_moe', attention_bias: true,"
          + " num_key_value_heads: 'absent', num_experts: 4, num_experts_per_tok: 3,"
          + " moe_intermediate_size: 16, decoder_sparse_step: 2, sliding_window: 8",
      t ->
          t.untied()
              .llamaNorms()
              .attention(32, 32)
              .fourBiases(32, 32)
              .queryKeyNorms(8, 8)
              .gated(0, "mlp", 24)
              .experts(1, 4, 16)),
  PHI(
      DType.F16,
      2,
      "model_type: 'phi', num_key_value_heads: null",
      t ->
          t.embedding()
              .add("model.final_layernorm.weight", 32)
              .head()
              .add("lm_head.bias", 64)
              .norms("input_layernorm")
              .normBiases("model.final_layernorm", "input_layernorm")
              .threeProjections(32, 32)
              .threeBiases(32, 32)
              .each("self_attn.dense.weight", 32, 32)
              .each("self_attn.dense.bias", 32)
              .each("mlp.fc1.weight", 24, 32)
              .each("mlp.fc1.bias", 24)
              .each("mlp.fc2.weight", 32, 24)
              .each("mlp.fc2.bias", 32)),
  PHI_QK_LAYERNORM(
      DType.BF16,
      2,
      "model_type: 'phi', qk_layernorm: true, partial_rotary_factor: 0.75,"
          + " layer_norm_eps: 1e-3, hidden_act: 'gelu'",
      t ->
          t.embedding()
              .add("model.final_layernorm.weight", 32)
              .head()
              .add("lm_head.bias", 64)
              .norms("input_layernorm")
              .normBiases("model.final_layernorm", "input_layernorm")
              .threeProjections(32, 16)
              .threeBiases(32, 16)
              .each("self_attn.dense.weight", 32, 32)
              .each("self_attn.dense.bias", 32)
              .each("mlp.fc1.weight", 24, 32)
              .each("mlp.fc1.bias", 24)
              .each("mlp.fc2.weight", 32, 24)
              .each("mlp.fc2.bias", 32)
              .each("self_attn.q_layernorm.weight", 8)
              .each("self_attn.q_layernorm.bias", 8)
              .each("self_attn.k_layernorm.weight", 8)
              .each("self_attn.k_layernorm.bias", 8)),
  PHI3(
      DType.F32,
      2,
      "model_type: 'phi3', partial_rotary_factor: 0.75, sliding_window: 10",
      t ->
          t.untied()
              .llamaNorms()
              .each("self_attn.qkv_proj.weight", 64, 32)
              .each("self_attn.o_proj.weight", 32, 32)
              .fusedGate(24)),
  PHI3_LONGROPE(
      DType.BF16,
      2,
      "model_type: 'phi3', max_position_embeddings: 128,"
          + " original_max_position_embeddings: 32, num_key_value_heads: 'absent',"
          + " sliding_window: null,"
          + " rope_scaling: {type: 'longrope', short_factor: [1, 1.1, 1.2, 1.5],"
          + " long_factor: [1, 1.5, 2.5, 5]}",
      t ->
          t.untied()
              .llamaNorms()
              .each("self_attn.qkv_proj.weight", 96, 32)
              .each("self_attn.o_proj.weight", 32, 32)
              .fusedGate(24)),
  PHI3_SU(
      DType.F32,
      2,
      "model_type: 'phi3', max_position_embeddings: 128,"
          + " original_max_position_embeddings: 32, partial_rotary_factor: 0.75,"
          + " sliding_window: 40,"
          + " rope_scaling: {type: 'su', original_max_position_embeddings: 32,"
          + " short_factor: [1, 1.2, 1.5], long_factor: [1, 2, 4]}",
      t ->
          t.untied()
              .llamaNorms()
              .each("self_attn.qkv_proj.weight", 64, 32)
              .each("self_attn.o_proj.weight", 32, 32)
              .fusedGate(24)),
  PHIMOE(
      DType.F32,
      2,
      "model_type: 'phimoe', sliding_window: 10, num_local_experts: 4,"
          + " num_experts_per_tok: 2, router_jitter_noise: 0.3",
      t ->
          t.untied()
              .llamaNorms()
              .normBiases("model.norm", "input_layernorm", "post_attention_layernorm")
              .attention(32, 16)
              .sparseExperts(4, 24)),
  PHIMOE_LONGROPE(
      DType.BF16,
      2,
      "model_type: 'phimoe', max_position_embeddings: 128, attention_bias: true,"
          + " lm_head_bias: true, num_local_experts: 4, num_experts_per_tok: 2,"
          + " rope_theta: 1000.0, sliding_window: null,"
          + " rope_scaling: {type: 'longrope', original_max_position_embeddings: 32,"
          + " short_mscale: 1.1, long_mscale: 1.3, short_factor: [1, 1.1, 1.2, 1.5],"
          + " long_factor: [1, 1.5, 2.5, 5]}",
      t ->
          t.untied()
              .llamaNorms()
              .normBiases("model.norm", "input_layernorm", "post_attention_layernorm")
              .attention(32, 16)
              .sparseExperts(4, 24)
              .fourBiases(32, 16)
              .add("lm_head.bias", 64)),
  GEMMA(
      DType.BF16,
      2,
      "model_type: 'gemma', num_key_value_heads: 1, head_dim: 12, hidden_act: 'gelu'",
      t -> t.tied().llamaNorms().attention(48, 12).gated(24)),
  GEMMA_BIASES(
      DType.F32,
      2,
      "model_type: 'gemma', head_dim: 8, attention_bias: true, tie_word_embeddings: false",
      t -> t.untied().llamaNorms().attention(32, 16).fourBiases(32, 16).gated(24)),
  GEMMA2(
      DType.BF16,
      3,
      "model_type: 'gemma2', head_dim: 12, hidden_act: 'silu', sliding_window: 10,"
          + " query_pre_attn_scalar: 20, attn_logit_softcapping: 2.0,"
          + " final_logit_softcapping: 3.0",
      t ->
          t.tied()
              .norms(
                  "input_layernorm",
                  "post_attention_layernorm",
                  "pre_feedforward_layernorm",
                  "post_feedforward_layernorm")
              .attention(48, 24)
              .gated(24)),
  GEMMA2_NO_CAPS(
      DType.F32,
      2,
      "model_type: 'gemma2', head_dim: 8, num_key_value_heads: 4,"
          + " hidden_activation: 'gelu', sliding_window: 10,"
          + " layer_types: ['full_attention', 'sliding_attention'],"
          + " attn_logit_softcapping: null, final_logit_softcapping: null,"
          + " attention_bias: true",
      t ->
          t.tied()
              .norms(
                  "input_layernorm",
                  "post_attention_layernorm",
                  "pre_feedforward_layernorm",
                  "post_feedforward_layernorm")
              .attention(32, 32)
              .fourBiases(32, 32)
              .gated(24)),
  GEMMA2_ABSENT(
      DType.F16,
      2,
      "model_type: 'gemma2', head_dim: 8, num_key_value_heads: 'absent'",
      t ->
          t.tied()
              .norms(
                  "input_layernorm",
                  "post_attention_layernorm",
                  "pre_feedforward_layernorm",
                  "post_feedforward_layernorm")
              .attention(32, 32)
              .gated(24)),
  GEMMA3(
      DType.BF16,
      4,
      "model_type: 'gemma3_text', head_dim: 12, sliding_window: 10,"
          + " sliding_window_pattern: 2, query_pre_attn_scalar: 30,"
          + " attn_logit_softcapping: 1.0, rope_theta: 1e5, rope_local_base_freq: 500.0,"
          + " rope_scaling: {rope_type: 'linear', factor: 4.0}",
      t ->
          t.tied()
              .norms(
                  "input_layernorm",
                  "post_attention_layernorm",
                  "pre_feedforward_layernorm",
                  "post_feedforward_layernorm")
              .attention(48, 24)
              .queryKeyNorms(12, 12)
              .gated(24)),
  GEMMA3_NESTED(
      DType.F32,
      3,
      "model_type: 'gemma3_text', head_dim: 8, sliding_window: 10,"
          + " layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'],"
          + " query_pre_attn_scalar: 8, final_logit_softcapping: 4.0,"
          + " hidden_activation: 'gelu', attention_bias: true,"
          + " rope_parameters: {full_attention: {rope_type: 'linear', factor: 2.0,"
          + " rope_theta: 1e4}, sliding_attention: {rope_type: 'default',"
          + " rope_theta: 300.0}}",
      t ->
          t.tied()
              .norms(
                  "input_layernorm",
                  "post_attention_layernorm",
                  "pre_feedforward_layernorm",
                  "post_feedforward_layernorm")
              .attention(32, 16)
              .fourBiases(32, 16)
              .queryKeyNorms(8, 8)
              .gated(24)),
  OLMO(
      DType.F16,
      2,
      "model_type: 'olmo', clip_qkv: 1.5",
      t -> t.embedding().head().attention(32, 16).gated(24)),
  OLMO_BIASES(
      DType.F32,
      2,
      "model_type: 'olmo', clip_qkv: null, attention_bias: true, num_key_value_heads: 'absent'",
      t -> t.embedding().head().attention(32, 32).fourBiases(32, 32).gated(24)),
  OLMO2(
      DType.BF16,
      2,
      "model_type: 'olmo2', rope_theta: 5000.0, attention_bias: true",
      t ->
          t.untied()
              .norms("post_attention_layernorm", "post_feedforward_layernorm")
              .attention(32, 16)
              .fourBiases(32, 16)
              .queryKeyNorms(32, 16)
              .gated(24)),
  OLMO3(
      DType.BF16,
      4,
      "model_type: 'olmo3', sliding_window: 10, sliding_window_pattern: 2, rope_theta: 2000.0",
      t ->
          t.untied()
              .norms("post_attention_layernorm", "post_feedforward_layernorm")
              .attention(32, 16)
              .queryKeyNorms(32, 16)
              .gated(24)),
  OLMO3_YARN(
      DType.F32,
      3,
      "model_type: 'olmo3', head_dim: 8, max_position_embeddings: 128,"
          + " sliding_window: 14,"
          + " layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'],"
          + " rope_parameters: {truncate: false, full_attention: {rope_type: 'yarn',"
          + " rope_theta: 100.0, factor: 4.0, original_max_position_embeddings: 32,"
          + " beta_fast: 4, attention_factor: 1.2},"
          + " sliding_attention: {rope_type: 'default', rope_theta: 1000.0}}",
      t ->
          t.untied()
              .norms("post_attention_layernorm", "post_feedforward_layernorm")
              .attention(32, 16)
              .queryKeyNorms(32, 16)
              .gated(24)),
  OLMOE(
      DType.BF16,
      2,
      "model_type: 'olmoe', num_experts: 5, num_experts_per_tok: 3",
      t ->
          t.untied()
              .llamaNorms()
              .attention(32, 16)
              .queryKeyNorms(32, 16)
              .experts(0, 5, 24)
              .experts(1, 5, 24)),
  OLMOE_CLIPPED(
      DType.F32,
      2,
      "model_type: 'olmoe', num_experts: 4, num_experts_per_tok: 2,"
          + " norm_topk_prob: true, clip_qkv: 1.2, attention_bias: true",
      t ->
          t.untied()
              .llamaNorms()
              .attention(32, 16)
              .fourBiases(32, 16)
              .queryKeyNorms(32, 16)
              .experts(0, 4, 24)
              .experts(1, 4, 24)),
  SMOLLM3(
      DType.BF16,
      3,
      "model_type: 'smollm3', no_rope_layers: [1, 0, 1], sliding_window: 8",
      t -> t.tied().llamaNorms().attention(32, 16).gated(24)),
  SMOLLM3_WINDOW(
      DType.F32,
      4,
      "model_type: 'smollm3', no_rope_layer_interval: 3, use_sliding_window: true,"
          + " sliding_window: 8, tie_word_embeddings: false, attention_bias: true,"
          + " mlp_bias: true, rope_theta: 2000.0",
      t -> t.untied().llamaNorms().attention(32, 16).fourBiases(32, 16).gated(24).gatedBiases(24)),
  SMOLLM3_LAYER_TYPES(
      DType.F16,
      3,
      "model_type: 'smollm3', no_rope_layers: [0, 1, 1], sliding_window: 10,"
          + " layer_types: ['sliding_attention', 'full_attention', 'sliding_attention'],"
          + " rope_theta: 1000.0",
      t -> t.tied().llamaNorms().attention(32, 16).gated(24)),
  GRANITE(
      DType.BF16,
      2,
      "model_type: 'granite', embedding_multiplier: 3.0, residual_multiplier: 0.6,"
          + " attention_multiplier: 0.2, logits_scaling: 1.5, attention_bias: true,"
          + " mlp_bias: true",
      t -> t.untied().llamaNorms().attention(32, 16).fourBiases(32, 16).gated(24).gatedBiases(24)),
  GRANITE_ABSENT(
      DType.F32,
      2,
      "model_type: 'granite', num_key_value_heads: 'absent', tie_word_embeddings: true",
      t -> t.tied().llamaNorms().attention(32, 32).gated(24)),
  GRANITEMOE(
      DType.BF16,
      2,
      "model_type: 'granitemoe', num_local_experts: 4,"
          + " num_experts_per_tok: 'absent', embedding_multiplier: 3.0,"
          + " residual_multiplier: 0.6, attention_multiplier: 0.3, logits_scaling: 1.5",
      t ->
          t.untied()
              .llamaNorms()
              .attention(32, 16)
              .each("block_sparse_moe.router.layer.weight", 4, 32)
              .each("block_sparse_moe.input_linear.weight", 4, 48, 32)
              .each("block_sparse_moe.output_linear.weight", 4, 32, 24)),
  GLM(
      DType.BF16,
      2,
      "model_type: 'glm', head_dim: 8, num_key_value_heads: 'absent'",
      t -> t.untied().llamaNorms().attention(32, 16).threeBiases(32, 16).fusedGate(24)),
  GLM4(
      DType.F16,
      2,
      "model_type: 'glm4', head_dim: 16, partial_rotary_factor: 0.75, attention_bias: false",
      t ->
          t.untied()
              .norms(
                  "input_layernorm",
                  "post_self_attn_layernorm",
                  "post_attention_layernorm",
                  "post_mlp_layernorm")
              .attention(64, 32)
              .fusedGate(24)),
  SEED_OSS(
      DType.BF16,
      2,
      "model_type: 'seed_oss', head_dim: 12, mlp_bias: true",
      t -> t.untied().llamaNorms().attention(48, 24).threeBiases(48, 24).gated(24).gatedBiases(24)),
  SEED_OSS_OUT_BIAS(
      DType.F32,
      2,
      "model_type: 'seed_oss', head_dim: 8, attention_bias: false, attention_out_bias: true",
      t -> t.untied().llamaNorms().attention(32, 16).outBias().gated(24)),
  COHERE(
      DType.F16,
      2,
      "model_type: 'cohere', rope_theta: 2000.0, attention_bias: true, logit_scale: 0.5",
      t -> t.tied().norms("input_layernorm").attention(32, 16).fourBiases(32, 16).gated(24)),
  COHERE_QK_NORM(
      DType.BF16,
      2,
      "model_type: 'cohere', use_qk_norm: true, tie_word_embeddings: false, logit_scale: 0.75",
      t ->
          t.untied()
              .norms("input_layernorm")
              .attention(32, 16)
              .each("self_attn.q_norm.weight", 4, 8)
              .each("self_attn.k_norm.weight", 2, 8)
              .gated(24)),
  COHERE2(
      DType.BF16,
      4,
      "model_type: 'cohere2', sliding_window: 10, sliding_window_pattern: 2, logit_scale: 0.5",
      t -> t.tied().norms("input_layernorm").attention(32, 16).gated(24)),
  COHERE2_LAYER_TYPES(
      DType.F32,
      3,
      "model_type: 'cohere2', sliding_window: 10,"
          + " layer_types: ['full_attention', 'sliding_attention', 'sliding_attention'],"
          + " attention_bias: true, logit_scale: 0.5",
      t -> t.tied().norms("input_layernorm").attention(32, 16).fourBiases(32, 16).gated(24)),
  STARCODER2(
      DType.BF16,
      2,
      "model_type: 'starcoder2', sliding_window: 10, norm_epsilon: 1e-3",
      t ->
          t.tied()
              .llamaNorms()
              .normBiases("model.norm", "input_layernorm", "post_attention_layernorm")
              .attention(32, 16)
              .each("mlp.c_fc.weight", 24, 32)
              .each("mlp.c_proj.weight", 32, 24)
              .fourBiases(32, 16)
              .each("mlp.c_fc.bias", 24)
              .each("mlp.c_proj.bias", 32)),
  STARCODER2_NO_BIAS(
      DType.F32,
      2,
      "model_type: 'starcoder2', use_bias: false, tie_word_embeddings: false,"
          + " num_key_value_heads: 'absent'",
      t ->
          t.untied()
              .llamaNorms()
              .normBiases("model.norm", "input_layernorm", "post_attention_layernorm")
              .attention(32, 16)
              .each("mlp.c_fc.weight", 24, 32)
              .each("mlp.c_proj.weight", 32, 24)),
  GPT_OSS(
      DType.BF16,
      3,
      2,
      "model_type: 'gpt_oss', head_dim: 16, sliding_window: 10,"
          + " max_position_embeddings: 128, num_local_experts: 4, num_experts_per_tok: 2,"
          + " swiglu_limit: 1.0, rope_theta: 500.0,"
          + " rope_scaling: {rope_type: 'yarn', factor: 4.0, beta_fast: 4.0,"
          + " beta_slow: 1.0, truncate: false, original_max_position_embeddings: 32}",
      t ->
          t.untied()
              .llamaNorms()
              .attention(64, 32)
              .fourBiases(64, 32)
              .each("self_attn.sinks", 4)
              .each("mlp.router.weight", 4, 32)
              .each("mlp.router.bias", 4)
              .each("mlp.experts.gate_up_proj", 4, 32, 48)
              .each("mlp.experts.gate_up_proj_bias", 4, 48)
              .each("mlp.experts.down_proj", 4, 24, 32)
              .each("mlp.experts.down_proj_bias", 4, 32)),
  GPT_OSS_ABSENT(
      DType.F32,
      2,
      "model_type: 'gpt_oss', head_dim: 16, max_position_embeddings: 'absent',"
          + " sliding_window: 12, layer_types: ['full_attention', 'sliding_attention'],"
          + " num_local_experts: 4, num_experts_per_tok: 2",
      t ->
          t.untied()
              .llamaNorms()
              .attention(64, 32)
              .fourBiases(64, 32)
              .each("self_attn.sinks", 4)
              .each("mlp.router.weight", 4, 32)
              .each("mlp.router.bias", 4)
              .each("mlp.experts.gate_up_proj", 4, 32, 48)
              .each("mlp.experts.gate_up_proj_bias", 4, 48)
              .each("mlp.experts.down_proj", 4, 24, 32)
              .each("mlp.experts.down_proj_bias", 4, 32)),
  DEEPSEEK_V3(
      DType.BF16,
      3,
      "model_type: 'deepseek_v3', num_key_value_heads: 4,"
          + " max_position_embeddings: 256, n_routed_experts: 8, num_experts_per_tok: 2,"
          + " n_group: 4, topk_group: 2, n_shared_experts: 1, moe_intermediate_size: 16,"
          + " first_k_dense_replace: 1, kv_lora_rank: 12, q_lora_rank: 10,"
          + " qk_rope_head_dim: 16, qk_nope_head_dim: 6, v_head_dim: 10,"
          + " rope_theta: 500.0, rope_scaling: {type: 'yarn', factor: 8.0,"
          + " original_max_position_embeddings: 32, beta_fast: 4, beta_slow: 1,"
          + " mscale: 1.0, mscale_all_dim: 0.7}",
      t ->
          t.untied()
              .llamaNorms()
              .latent(12, 6, 16, 10)
              .latentQuery(10, 6, 16)
              .gated(0, "mlp", 24)
              .experts(1, 8, 16)
              .layer(1, "mlp.gate.e_score_correction_bias", 8)
              .gated(1, "mlp.shared_experts", 16)
              .experts(2, 8, 16)
              .layer(2, "mlp.gate.e_score_correction_bias", 8)
              .gated(2, "mlp.shared_experts", 16)),
  DEEPSEEK_V3_HALVES(
      DType.F32,
      3,
      "model_type: 'deepseek_v3', num_key_value_heads: 4, n_routed_experts: 4,"
          + " num_experts_per_tok: 2, n_group: 1, topk_group: 1, n_shared_experts: 2,"
          + " moe_intermediate_size: 12, first_k_dense_replace: 2, norm_topk_prob: false,"
          + " routed_scaling_factor: 1.5, kv_lora_rank: 12, q_lora_rank: null,"
          + " qk_rope_head_dim: 8, qk_nope_head_dim: 8, v_head_dim: 8,"
          + " rope_interleave: false, attention_bias: true",
      t ->
          t.untied()
              .llamaNorms()
              .latent(12, 8, 8, 8)
              .each("self_attn.q_proj.weight", 64, 32)
              .each("self_attn.kv_a_proj_with_mqa.bias", 20)
              .outBias()
              .gated(0, "mlp", 24)
              .gated(1, "mlp", 24)
              .experts(2, 4, 12)
              .layer(2, "mlp.gate.e_score_correction_bias", 4)
              .gated(2, "mlp.shared_experts", 24)),
  DEEPSEEK_V3_BIASES(
      DType.F16,
      2,
      "model_type: 'deepseek_v3', num_key_value_heads: 4, n_routed_experts: 4,"
          + " num_experts_per_tok: 2, n_group: 2, topk_group: 1, n_shared_experts: 1,"
          + " moe_intermediate_size: 12, first_k_dense_replace: 0, kv_lora_rank: 12,"
          + " q_lora_rank: 10, qk_rope_head_dim: 8, qk_nope_head_dim: 8, v_head_dim: 8,"
          + " attention_bias: true, rope_scaling: {rope_type: 'linear', factor: 2.0}",
      t ->
          t.untied()
              .llamaNorms()
              .latent(12, 8, 8, 8)
              .latentQuery(10, 8, 8)
              .each("self_attn.q_a_proj.bias", 10)
              .each("self_attn.kv_a_proj_with_mqa.bias", 20)
              .outBias()
              .experts(0, 4, 12)
              .layer(0, "mlp.gate.e_score_correction_bias", 4)
              .gated(0, "mlp.shared_experts", 12)
              .experts(1, 4, 12)
              .layer(1, "mlp.gate.e_score_correction_bias", 4)
              .gated(1, "mlp.shared_experts", 12)),
  MINICPM3(
      DType.BF16,
      2,
      "model_type: 'minicpm3', num_key_value_heads: 4,"
          + " max_position_embeddings: 128, kv_lora_rank: 12, q_lora_rank: 10,"
          + " qk_rope_head_dim: 8, qk_nope_head_dim: 6, scale_emb: 4, dim_model_base: 16,"
          + " rope_scaling: {rope_type: 'longrope', original_max_position_embeddings: 32,"
          + " short_factor: [1, 1.1, 1.2, 1.3], long_factor: [1, 1.5, 2.5, 4]}",
      t -> t.tied().llamaNorms().latent(12, 6, 8, 8).latentQuery(10, 6, 8).gated(24)),
  MINICPM3_NULLS(
      DType.F32,
      2,
      "model_type: 'minicpm3', num_key_value_heads: 4, kv_lora_rank: 12,"
          + " q_lora_rank: 10, qk_rope_head_dim: 8, qk_nope_head_dim: 6, v_head_dim: 10,"
          + " scale_emb: 1, scale_depth: null, dim_model_base: null,"
          + " tie_word_embeddings: false, attention_bias: true, mlp_bias: true",
      t ->
          t.untied()
              .llamaNorms()
              .latent(12, 6, 8, 10)
              .latentQuery(10, 6, 8)
              .each("self_attn.q_a_proj.bias", 10)
              .each("self_attn.kv_a_proj_with_mqa.bias", 20)
              .outBias()
              .gated(24)
              .gatedBiases(24)),
  EXAONE4_HYBRID(
      DType.BF16,
      4,
      "model_type: 'exaone4', sliding_window: 10, sliding_window_pattern: 2",
      t ->
          t.untied()
              .norms("post_attention_layernorm", "post_feedforward_layernorm")
              .attention(32, 16)
              .queryKeyNorms(8, 8)
              .gated(24)),
  EXAONE4_FULL(
      DType.F32,
      2,
      "model_type: 'exaone4', head_dim: 8, sliding_window: null,"
          + " layer_types: ['full_attention', 'full_attention'], tie_word_embeddings: true",
      t ->
          t.tied()
              .norms("post_attention_layernorm", "post_feedforward_layernorm")
              .attention(32, 16)
              .queryKeyNorms(8, 8)
              .gated(24)),
  ERNIE4_5(
      DType.BF16,
      2,
      "model_type: 'ernie4_5', head_dim: 12, use_bias: true, num_key_value_heads: 'absent'",
      t -> t.tied().llamaNorms().attention(48, 24).fourBiases(48, 24).gated(24).gatedBiases(24)),
  ERNIE4_5_NO_BIAS(
      DType.F32,
      2,
      "model_type: 'ernie4_5', head_dim: 8, tie_word_embeddings: false, rope_theta: 2000.0",
      t -> t.untied().llamaNorms().attention(32, 16).gated(24)),
  HUNYUAN_V1_DENSE(
      DType.BF16,
      2,
      "model_type: 'hunyuan_v1_dense', head_dim: 12,"
          + " rope_scaling: {type: 'dynamic', alpha: 20.0, factor: 1.0, mscale: 1.0,"
          + " mscale_all_dim: 1.0}",
      t ->
          t.untied()
              .llamaNorms()
              .attention(48, 24)
              .each("self_attn.query_layernorm.weight", 12)
              .each("self_attn.key_layernorm.weight", 12)
              .gated(24)),
  HUNYUAN_V1_DENSE_BIASES(
      DType.F32,
      2,
      "model_type: 'hunyuan_v1_dense', head_dim: 8, max_position_embeddings: 32,"
          + " attention_bias: true, tie_word_embeddings: true,"
          + " rope_scaling: {type: 'dynamic', alpha: 0, factor: 3.0}",
      t ->
          t.tied()
              .llamaNorms()
              .attention(32, 16)
              .fourBiases(32, 16)
              .each("self_attn.query_layernorm.weight", 8)
              .each("self_attn.key_layernorm.weight", 8)
              .gated(24)),
  APERTUS(
      DType.BF16,
      2,
      "model_type: 'apertus', max_position_embeddings: 256, rope_theta: 100.0,"
          + " rope_scaling: {rope_type: 'llama3', factor: 8.0, low_freq_factor: 1.0,"
          + " high_freq_factor: 4.0, original_max_position_embeddings: 32}",
      t ->
          t.untied()
              .norms("attention_layernorm", "feedforward_layernorm")
              .attention(32, 16)
              .queryKeyNorms(8, 8)
              .upDown(24)
              .each("mlp.act_fn.alpha_p", 1)
              .each("mlp.act_fn.alpha_n", 1)
              .each("mlp.act_fn.beta")
              .each("mlp.act_fn.eps")),
  APERTUS_ABSENT(
      DType.F32,
      2,
      "model_type: 'apertus', rope_theta: 100.0, attention_bias: true",
      t ->
          t.untied()
              .norms("attention_layernorm", "feedforward_layernorm")
              .attention(32, 16)
              .queryKeyNorms(8, 8)
              .upDown(24)
              .each("mlp.act_fn.alpha_p", 1)
              .each("mlp.act_fn.alpha_n", 1)
              .each("mlp.act_fn.beta")
              .each("mlp.act_fn.eps")
              .fourBiases(32, 16)),
  STABLELM(
      DType.F16,
      2,
      "model_type: 'stablelm', num_attention_heads: 2, num_key_value_heads: 1,"
          + " use_qkv_bias: true",
      t ->
          t.untied()
              .norms("input_layernorm", "post_attention_layernorm")
              .normBiases("model.norm", "input_layernorm", "post_attention_layernorm")
              .attention(32, 16)
              .gated(24)
              .threeBiases(32, 16)),
  STABLELM_PARALLEL(
      DType.BF16,
      2,
      "model_type: 'stablelm', partial_rotary_factor: 0.5,"
          + " use_parallel_residual: true, qk_layernorm: true",
      t ->
          t.untied()
              .norms("input_layernorm")
              .normBiases("model.norm", "input_layernorm")
              .attention(32, 16)
              .gated(24)
              .each("self_attn.q_layernorm.norms.0.weight", 8)
              .each("self_attn.q_layernorm.norms.1.weight", 8)
              .each("self_attn.q_layernorm.norms.2.weight", 8)
              .each("self_attn.q_layernorm.norms.3.weight", 8)
              .each("self_attn.k_layernorm.norms.0.weight", 8)
              .each("self_attn.k_layernorm.norms.1.weight", 8)),
  HELIUM(
      DType.BF16,
      2,
      "model_type: 'helium', head_dim: 8, attention_bias: true, mlp_bias: true",
      t -> t.untied().llamaNorms().attention(32, 16).threeBiases(32, 16).gated(24).gatedBiases(24)),
  NEMOTRON(
      DType.BF16,
      2,
      "model_type: 'nemotron', norm_eps: 1e-3",
      t ->
          t.untied()
              .llamaNorms()
              .normBiases("model.norm", "input_layernorm", "post_attention_layernorm")
              .attention(32, 16)
              .upDown(24)),
  NEMOTRON_BIASES(
      DType.F32,
      2,
      "model_type: 'nemotron', partial_rotary_factor: 0.25, head_dim: 16,"
          + " attention_bias: true, mlp_bias: true, hidden_act: 'gelu'",
      t ->
          t.untied()
              .llamaNorms()
              .normBiases("model.norm", "input_layernorm", "post_attention_layernorm")
              .attention(64, 32)
              .upDown(24)
              .fourBiases(64, 32)
              .upDownBiases(24));

  /**
   * Seed of {@link #write} with which float32 errors do not change the experts of {@link #tokens}.
   */
  public static final long SEED = 4;

  private static final String COMMON =
      "{vocab_size: 64, hidden_size: 32, num_attention_heads: 4, num_key_value_heads: 2,"
          + " intermediate_size: 24, max_position_embeddings: 64, pad_token_id: 0, bos_token_id: 1,"
          + " eos_token_id: 2}";

  private final DType type;
  private final int layers;
  private final int shards;
  private final String settings;
  private final Consumer<TinyTensors> tensors;

  TinyFamilies(DType type, int layers, String settings, Consumer<TinyTensors> tensors) {
    this(type, layers, 1, settings, tensors);
  }

  TinyFamilies(DType type, int layers, int shards, String settings, Consumer<TinyTensors> tensors) {
    this.type = type;
    this.layers = layers;
    this.shards = shards;
    this.settings = settings;
    this.tensors = tensors;
  }

  /** Returns random tokens, some of which repeat what stood a few tokens earlier. */
  public static int[] tokens(int count) {
    Random random = new Random(7);
    int[] tokens = new int[count];
    for (int i = 0; i < count; i++) {
      tokens[i] = i > 8 && i % 3 == 0 ? tokens[i - 1 - random.nextInt(7)] : random.nextInt(64);
    }
    return tokens;
  }

  /** Returns config.json. */
  public ObjectNode config() {
    ObjectNode config = parse(COMMON).put("num_hidden_layers", layers);
    for (Entry<String, JsonNode> setting : parse("{" + settings + "}").properties()) {
      if (setting.getValue().asText().equals("absent")) {
        config.remove(setting.getKey());
      } else {
        config.set(setting.getKey(), setting.getValue());
      }
    }
    return config;
  }

  private static ObjectNode parse(String text) {
    JsonMapper mapper =
        JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
            .build();
    try {
      return (ObjectNode) mapper.readTree(text);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the model type in config.json. */
  public String modelType() {
    return config().get("model_type").textValue();
  }

  /** Returns the type of all weights but deepseek_v3's corrections, which are always F32. */
  public DType type() {
    return type;
  }

  /** Returns the shape of each tensor in the files. */
  public Map<String, List<Long>> shapes() {
    TinyTensors collector = new TinyTensors(layers);
    tensors.accept(collector);
    return collector.shapes();
  }

  /** Writes the checkpoint of {@link #SEED} into a directory and opens it. */
  public Checkpoint open(Path directory) {
    return Checkpoint.open(write(directory, SEED));
  }

  /** Writes config.json and random weights; the same seed gives the same. */
  public Path write(Path directory, long seed) {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    boolean centred = List.of("gemma", "gemma2", "gemma3_text", "nemotron").contains(modelType());
    boolean tied = !shapes().containsKey("lm_head.weight");
    TinyWeights weights = new TinyWeights(centred, tied, type, new Random(seed));
    shapes().forEach((name, shape) -> entries.add(weights.draw(name, shape)));
    try {
      Files.createDirectories(directory);
      Files.writeString(directory.resolve("config.json"), config().toPrettyString());
      writeShards(directory, entries);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return directory;
  }

  private void writeShards(Path directory, List<SafetensorsWriter.Entry> entries)
      throws IOException {
    Map<String, String> metadata = Map.of("format", "pt");
    if (shards == 1) {
      SafetensorsWriter.write(directory.resolve("model.safetensors"), metadata, entries);
      return;
    }
    ObjectNode index = new JsonMapper().createObjectNode();
    index.putObject("metadata");
    ObjectNode files = index.putObject("weight_map");
    for (int shard = 0; shard < shards; shard++) {
      String file = String.format("model-%05d-of-%05d.safetensors", shard + 1, shards);
      int from = shard * entries.size() / shards;
      List<SafetensorsWriter.Entry> part =
          entries.subList(from, (shard + 1) * entries.size() / shards);
      part.forEach(entry -> files.put(entry.name(), file));
      SafetensorsWriter.write(directory.resolve(file), metadata, part);
    }
    Files.writeString(directory.resolve("model.safetensors.index.json"), index.toPrettyString());
  }
}
