package org.longrope.eval.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map.Entry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfigWriter;
import org.longrope.eval.family.AttentionSpec.HeadNorm;
import org.longrope.eval.family.AttentionSpec.Pairing;
import org.longrope.eval.family.DecoderSpec.Scales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

/** Tests of what the reader makes of config.json, and of what it refuses. */
class DecoderSpecReaderTest {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES, JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
          .build();

  /** Fields that each family needs and has no default for. */
  private static final String COMMON =
      "{hidden_size: 32, intermediate_size: 24, num_hidden_layers: 3, num_attention_heads: 4,"
          + " num_key_value_heads: 2, vocab_size: 64, max_position_embeddings: 32}";

  private static final String LATENT =
      "kv_lora_rank: 12, q_lora_rank: 10, qk_rope_head_dim: 8, qk_nope_head_dim: 6,"
          + " v_head_dim: 10, num_key_value_heads: 4, ";
  private static final String DEEPSEEK =
      "model_type: 'deepseek_v3', "
          + LATENT
          + "n_routed_experts: 8, num_experts_per_tok: 2, n_group: 4,"
          + " moe_intermediate_size: 16, n_shared_experts: 2, ";

  @TempDir Path directory;

  /** Returns a config of the common fields, changed; a field of value 'absent' is left out. */
  private static ObjectNode config(String changes) {
    ObjectNode config = parse(COMMON);
    for (Entry<String, JsonNode> change : parse("{" + changes + "}").properties()) {
      if (change.getValue().asText().equals("absent")) {
        config.remove(change.getKey());
      } else {
        config.set(change.getKey(), change.getValue());
      }
    }
    return config;
  }

  private static ObjectNode parse(String text) {
    try {
      return (ObjectNode) MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }

  private static DecoderSpec read(String changes) {
    return read(config(changes));
  }

  private static DecoderSpec read(ObjectNode config) {
    return DecoderSpecReader.read(config, "config.json", TensorNames.UNKNOWN);
  }

  private static void assertRejected(String changes, String... parts) {
    Throwable thrown = catchThrowable(() -> read(changes));
    Sentences.assertIsOne(thrown);
    assertThat(thrown).hasMessageContaining("config.json");
    for (String part : parts) {
      assertThat(thrown).hasMessageContaining(part);
    }
  }

  @Test
  void read_llama_takesTheFields() {
    DecoderSpec spec =
        read(
            "model_type: 'llama', head_dim: 16, attention_bias: true, mlp_bias: true,"
                + " rms_norm_eps: 1e-5, hidden_act: 'gelu'");
    assertThat(spec.modelType()).isEqualTo("llama");
    assertThat(spec.hiddenSize()).isEqualTo(32);
    assertThat(spec.intermediateSize()).isEqualTo(24);
    assertThat(spec.vocabularySize()).isEqualTo(64);
    assertThat(spec.layerCount()).isEqualTo(3);
    assertThat(spec.norm()).isEqualTo(Norm.RMS);
    assertThat(spec.epsilon()).isEqualTo(1e-5);
    assertThat(spec.block()).isEqualTo(Block.PRE);
    assertThat(spec.attention())
        .isEqualTo(
            new AttentionSpec(
                4, 2, 16, 16, 0.25, null, null, Pairing.HALVES, HeadNorm.NONE, null, null));
    assertThat(spec.activation()).isEqualTo(Activation.GELU);
    assertThat(spec.gated()).isTrue();
    assertThat(spec.experts()).isNull();
    assertThat(spec.scales()).isEqualTo(Scales.NONE);
    assertThat(spec.rope()).isEqualTo(new RopeGeometry(16, 10000, 32));
    assertThat(spec.localRope()).isNull();
    assertThat(spec.originalWindowSource()).isEqualTo("max_position_embeddings");
    assertThat(spec.attentionWindows()).containsExactly(0, 0, 0);
    assertThat(spec.tiedEmbeddings()).isFalse();
    assertThat(spec.layers().get(2).parts(LayerWeight.WQ))
        .containsExactly(TensorPart.whole("model.layers.2.self_attn.q_proj.weight", 64L, 32L));
    assertThat(spec.layers().get(1).parts(LayerWeight.GATE_BIAS))
        .containsExactly(TensorPart.whole("model.layers.1.mlp.gate_proj.bias", 24L));
  }

  /** Defaults are those of transformers 5 for the family, which are not Llama's. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama|8|4|1e-6|1e4|false",
        "mistral|8|8|1e-6|1e4|false",
        "mixtral|8|8|1e-5|1e6|false",
        "qwen3|128|32|1e-6|1e4|false",
        "gemma|256|16|1e-6|1e4|true",
        "gemma2|256|4|1e-6|1e4|true",
        "smollm3|8|4|1e-6|2e6|true",
        "glm|128|2|1.5625e-7|1e4|false",
        "cohere|8|4|1e-5|5e5|true",
        "starcoder2|8|2|1e-5|1e4|true",
        "ernie4_5|128|2|1e-5|5e5|true",
        "helium|128|20|1e-8|1e5|false",
        "phi|8|4|1e-5|1e4|false",
        "stablelm|8|32|1e-5|1e4|false",
      })
  void read_absentFields_haveTheDefaultsOfTheFamily(
      String modelType, int headWidth, int groups, double epsilon, double theta, boolean tied) {
    DecoderSpec spec =
        read(
            "num_key_value_heads: 'absent', num_local_experts: %s, num_attention_heads: %d,"
                    .formatted(modelType.equals("mixtral") ? "4" : "null", Math.max(4, groups))
                + " hidden_size: %d, model_type: '%s'"
                    .formatted(8 * Math.max(4, groups), modelType));
    assertThat(spec.attention().keyWidth()).isEqualTo(headWidth);
    assertThat(spec.attention().keyValueHeads()).isEqualTo(groups);
    assertThat(spec.epsilon()).isEqualTo(epsilon);
    assertThat(spec.rope().base()).isEqualTo(theta);
    assertThat(spec.tiedEmbeddings()).isEqualTo(tied);
  }

  @Test
  void read_nullFields_areNotAbsentOnes() {
    DecoderSpec llama =
        read(
            "model_type: 'llama', head_dim: null, num_key_value_heads: null, rope_theta: null,"
                + " tie_word_embeddings: null, rope_scaling: null");
    assertThat(llama.attention().keyWidth()).isEqualTo(8);
    assertThat(llama.attention().keyValueHeads()).isEqualTo(4);
    assertThat(llama.rope().base()).isEqualTo(10000);
    assertThat(llama.tiedEmbeddings()).isFalse();
    assertThat(read("model_type: 'gemma', tie_word_embeddings: null").tiedEmbeddings()).isFalse();
    assertThat(read("model_type: 'mistral', sliding_window: null").attentionWindows())
        .containsOnly(0);
    assertThat(read("model_type: 'mistral'").attentionWindows()).containsOnly(4096);
    assertThat(read("model_type: 'gemma2', attn_logit_softcapping: null").attention().softCap())
        .isNull();
    assertThat(read("model_type: 'gemma2'").attention().softCap()).isEqualTo(50);
    assertThat(read("model_type: 'gemma2'").scales().logitCap()).isEqualTo(30);
    assertThat(read("model_type: 'gemma3_text'").scales().logitCap()).isNull();
    assertRejected("model_type: 'qwen3', head_dim: null", "head_dim", "is null");
    assertRejected("model_type: 'llama', rms_norm_eps: null", "rms_norm_eps", "is null");
    assertRejected("model_type: 'llama', hidden_act: null", "hidden_act", "is null");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama|false|false|false",
        "mistral|false|false|false",
        "phi3|false|false|false",
        "qwen2|true|false|false",
        "phi|true|true|true",
        "glm|true|false|false",
        "seed_oss|true|false|false",
        "starcoder2|true|true|true",
        "ernie4_5|false|false|false",
      })
  void read_biasesOfTheFamily(
      String modelType, boolean input, boolean output, boolean feedForward) {
    LayerSpec layer = read("model_type: '%s'".formatted(modelType)).layers().get(0);
    assertThat(layer.parts(LayerWeight.BK).size()).isEqualTo(input ? 1 : 0);
    assertThat(layer.parts(LayerWeight.BO).size()).isEqualTo(output ? 1 : 0);
    assertThat(layer.parts(LayerWeight.DOWN_BIAS).size()).isEqualTo(feedForward ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama|rope_parameters: {rope_theta: 5e5, rope_type: 'default'}|8|5e5|32",
        "llama|rope_scaling: {type: 'default'}|8|1e4|32",
        "llama|rope_scaling: {rope_type: null}|8|1e4|32",
        "llama|rope_scaling: {type: 'default', rope_theta: 300}|8|300|32",
        "llama|rope_theta: 300, rope_parameters: {rope_type: 'default'}|8|300|32",
        "phi3|partial_rotary_factor: 0.75|6|1e4|32",
        "phi3|rope_parameters: {partial_rotary_factor: 0.5}|4|1e4|32",
        "phi3|partial_rotary_factor: 0.75, head_dim: 96|72|1e4|32",
        "phi3|original_max_position_embeddings: 16|8|1e4|16",
        "phi||4|1e4|32",
        "stablelm||2|1e4|32",
        "llama|rope_parameters: {original_max_position_embeddings: 8}|8|1e4|8",
        "llama|max_position_embeddings: 'absent'|8|1e4|2048",
        "ministral|max_position_embeddings: 'absent', head_dim: 8|8|1e4|131072",
      })
  void read_plainRotation(String modelType, String changes, int rotary, double base, int window) {
    String all = "model_type: '" + modelType + (changes == null ? "'" : "', " + changes);
    assertThat(read(all).rope()).isEqualTo(new RopeGeometry(rotary, base, window));
  }

  @Test
  void read_ropeTypes_areTheBaseTable() {
    assertThat(scaling("rope_scaling: {type: 'linear', factor: 3}"))
        .isEqualTo(new RopeScaling.Linear(3));
    assertThat(scaling("rope_scaling: {rope_type: 'dynamic', factor: 2.5}"))
        .isEqualTo(new RopeScaling.Dynamic(2.5, 32));
    String llama3 = "rope_type: 'llama3', factor: 8, low_freq_factor: 1, high_freq_factor: 4";
    assertThat(
            scaling("rope_scaling: {%s, original_max_position_embeddings: 16}".formatted(llama3)))
        .isEqualTo(new RopeScaling.Llama3(8, 1, 4, 16));
    // The field at the top wins, and without any the window is the original one.
    assertThat(
            scaling(
                "original_max_position_embeddings: 8, rope_scaling: {%s,".formatted(llama3)
                    + " original_max_position_embeddings: 16}"))
        .isEqualTo(new RopeScaling.Llama3(8, 1, 4, 8));
    assertThat(scaling("rope_scaling: {%s}".formatted(llama3)))
        .isEqualTo(new RopeScaling.Llama3(8, 1, 4, 32));
    assertThat(
            scaling(
                "rope_scaling: {type: 'yarn', factor: null, beta_fast: 16, truncate: false,"
                    + " original_max_position_embeddings: 8, attention_factor: 0.9}"))
        .isEqualTo(new RopeScaling.Yarn(4, 16, 1, false, 8, 0.9));
    assertThat(scaling("rope_scaling: {type: 'yarn', factor: 4, mscale: 1, mscale_all_dim: 1}"))
        .isEqualTo(new RopeScaling.Yarn(4, 32, 1, true, 32, 1));
  }

  private static RopeScaling scaling(String changes) {
    DecoderSpec spec = read("model_type: 'llama', " + changes);
    // The window that the model reaches with its own scaling.
    assertThat(spec.rope().originalWindow()).isEqualTo(32);
    return spec.rope().scaling();
  }

  @Test
  void read_longrope_publishesItsFactorsByLength() {
    String lists = "short_factor: [1, 1, 1, 2], long_factor: [1, 2, 3, 4]";
    DecoderSpec spec =
        read(
            "model_type: 'llama', rope_scaling: {type: 'longrope', %s,".formatted(lists)
                + " original_max_position_embeddings: 8}");
    RopeGeometry rope = spec.rope();
    double attention = Math.sqrt(1 + Math.log(4) / Math.log(8));
    assertThat(spec.originalWindowSource()).isEqualTo("original_max_position_embeddings");
    assertThat(rope.originalWindow()).isEqualTo(8);
    assertThat(rope.frequencies(100)).containsExactly(rope.plainFrequencies());
    assertThat(rope.published(8))
        .isEqualTo(new Rescaling(RescaleFactors.of(1, 1, 1, 2), 0, attention));
    assertThat(rope.published(9))
        .isEqualTo(new Rescaling(RescaleFactors.of(1, 2, 3, 4), 0, attention));
    // phi3 takes 4,096 where the field is not at the top, and an older name of the type.
    RopeGeometry phi3 =
        read("model_type: 'phi3', rope_scaling: {type: 'su', %s,".formatted(lists)
                + " original_max_position_embeddings: 8}")
            .rope();
    assertThat(phi3.originalWindow()).isEqualTo(4096);
    // phimoe never takes the long factors.
    RopeGeometry phimoe =
        read("model_type: 'phimoe', num_local_experts: 4, rope_scaling: {type: 'longrope', %s,"
                    .formatted(lists)
                + " short_mscale: 1.1, long_mscale: 1.3, original_max_position_embeddings: 8}")
            .rope();
    assertThat(phimoe.published(9)).isEqualTo(new Rescaling(RescaleFactors.of(1, 1, 1, 2), 0, 1.3));
  }

  @Test
  void read_twoTables_theWindowedLayersKeepTheirs() {
    DecoderSpec gemma =
        read(
            "model_type: 'gemma3_text', head_dim: 8, sliding_window: 10, sliding_window_pattern: 3,"
                + " rope_local_base_freq: 500, rope_scaling: {rope_type: 'linear', factor: 8}");
    assertThat(gemma.rope()).isEqualTo(new RopeGeometry(8, 1e6, 32, new RopeScaling.Linear(8)));
    assertThat(gemma.localRope()).isEqualTo(new RopeGeometry(8, 500, 32));
    assertThat(gemma.attentionWindows()).containsExactly(10, 10, 0);
    assertThat(gemma.layers().get(1).rope()).isEqualTo(LayerSpec.RopeUse.LOCAL);
    assertThat(gemma.layers().get(2).rope()).isEqualTo(LayerSpec.RopeUse.MAIN);
    DecoderSpec nested =
        read(
            "model_type: 'gemma3_text', head_dim: 8, rope_parameters: {full_attention:"
                + " {rope_type: 'linear', factor: 2, rope_theta: 1e4}, sliding_attention:"
                + " {rope_type: 'default', rope_theta: 300}}");
    assertThat(nested.rope()).isEqualTo(new RopeGeometry(8, 1e4, 32, new RopeScaling.Linear(2)));
    assertThat(nested.localRope()).isEqualTo(new RopeGeometry(8, 300, 32));
    // The base at the top is used up by the layers without windows.
    DecoderSpec olmo = read("model_type: 'olmo3', rope_theta: 2000");
    assertThat(olmo.rope().base()).isEqualTo(2000);
    assertThat(olmo.localRope()).isEqualTo(new RopeGeometry(8, 5e5, 32));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mistral|sliding_window: 8|8,8,8",
        "mistral|layer_types: ['full_attention','sliding_attention','attention'],"
            + " sliding_window: 8, head_dim: 8|0,8,0",
        "mixtral|num_local_experts: 4|0,0,0",
        "phi3|sliding_window: 8|8,8,8",
        "qwen2|sliding_window: 8, use_sliding_window: false, max_window_layers: 0|0,0,0",
        "qwen2|sliding_window: 8, use_sliding_window: true|0,0,0",
        "qwen2|sliding_window: 8, use_sliding_window: true, max_window_layers: 0|8,8,8",
        "qwen2|sliding_window: 8, use_sliding_window: true, max_window_layers: 2|0,0,8",
        "qwen2|use_sliding_window: true, max_window_layers: 2|0,0,4096",
        "qwen2|sliding_window: 8, use_sliding_window: true, max_window_layers: 2,"
            + " layer_types: ['sliding_attention','full_attention','full_attention']|8,0,0",
        "qwen2_moe|num_experts: 4, moe_intermediate_size: 8, shared_expert_intermediate_size: 8,"
            + " sliding_window: 8, use_sliding_window: true, max_window_layers: 3|8,0,8",
        "qwen3_moe|num_experts: 4, moe_intermediate_size: 8, num_experts_per_tok: 2,"
            + " sliding_window: 8, use_sliding_window: true, max_window_layers: 1|8,8,8",
        "gemma2|sliding_window: 8|8,0,8",
        "gpt_oss|num_local_experts: 4|128,0,128",
        "cohere2|sliding_window: 8, sliding_window_pattern: 2|8,0,8",
        "olmo3|sliding_window: 8, sliding_window_pattern: 2|8,8,8",
        "exaone4|sliding_window: 8, sliding_window_pattern: 2|8,0,8",
        "exaone4|sliding_window: null,"
            + " layer_types: ['full_attention','full_attention','full_attention']|0,0,0",
        "smollm3|no_rope_layers: [1,0,1], use_sliding_window: true, sliding_window: 8|0,8,0",
        "smollm3|no_rope_layers: [1,0,1], use_sliding_window: false, sliding_window: 8,"
            + " layer_types: ['sliding_attention','full_attention','full_attention']|8,0,0",
        "llama|sliding_window: null, layer_types: null|0,0,0",
      })
  void read_attentionWindows(String modelType, String changes, String windows) {
    List<Integer> expected = Arrays.stream(windows.split(",")).map(Integer::valueOf).toList();
    assertThat(read("model_type: '" + modelType + "', " + changes).attentionWindows())
        .isEqualTo(expected);
  }

  @Test
  void read_layersWithoutRope_areTheFamilys() {
    assertThat(ropes("model_type: 'cohere2', sliding_window_pattern: 2"))
        .isEqualTo("MAIN NONE MAIN");
    assertThat(ropes("model_type: 'exaone4', sliding_window_pattern: 2"))
        .isEqualTo("MAIN NONE MAIN");
    assertThat(
            ropes(
                "model_type: 'exaone4', sliding_window: null,"
                    + " layer_types: ['attention','attention','attention']"))
        .isEqualTo("MAIN MAIN MAIN");
    // 1 is a layer with RoPE.
    assertThat(ropes("model_type: 'smollm3', no_rope_layers: [1,0,1]")).isEqualTo("MAIN NONE MAIN");
    assertThat(ropes("model_type: 'smollm3', no_rope_layer_interval: 3"))
        .isEqualTo("MAIN MAIN NONE");
  }

  private static String ropes(String changes) {
    return String.join(
        " ", read(changes).layers().stream().map(layer -> layer.rope().name()).toList());
  }

  @Test
  void read_scalesAndCaps_areTheFamilys() {
    assertThat(read("model_type: 'gemma'").scales())
        .isEqualTo(new Scales(Math.sqrt(32), 1, 1, 1, null));
    assertThat(read("model_type: 'granite'").attention().scale()).isEqualTo(1);
    assertThat(read("model_type: 'gemma2'").attention().scale()).isEqualTo(1.0 / 16);
    assertThat(
            read("model_type: 'granite', embedding_multiplier: 3, residual_multiplier: 0.5,"
                    + " attention_multiplier: 0.2, logits_scaling: 4")
                .scales())
        .isEqualTo(new Scales(3, 0.5, 1, 0.25, null));
    assertThat(read("model_type: 'cohere'").scales().logits()).isEqualTo(0.0625);
    DecoderSpec minicpm = read("model_type: 'minicpm3', " + LATENT + "scale_depth: 2");
    assertThat(minicpm.scales()).isEqualTo(new Scales(12, 2 / Math.sqrt(3), 8, 1, null));
    assertThat(minicpm.attention().keyWidth()).isEqualTo(14);
    assertThat(minicpm.attention().valueWidth()).isEqualTo(10);
    assertThat(minicpm.rope().rotaryDimension()).isEqualTo(8);
    assertThat(read("model_type: 'olmo', clip_qkv: 2").attention().clip()).isEqualTo(2);
  }

  @Test
  void read_experts_haveTheFamilysLayersAndRouters() {
    DecoderSpec deepseek =
        read(DEEPSEEK + "topk_group: 2, first_k_dense_replace: 1, num_nextn_predict_layers: 1");
    assertThat(deepseek.layers().stream().map(LayerSpec::hasExperts))
        .containsExactly(false, true, true);
    assertThat(deepseek.experts().sharedWidth()).isEqualTo(32);
    assertThat(deepseek.experts().scaling()).isEqualTo(2.5);
    DecoderSpec qwen =
        read(
            "model_type: 'qwen3_moe', num_experts: 8, moe_intermediate_size: 16,"
                + " decoder_sparse_step: 1, mlp_only_layers: [1]");
    assertThat(qwen.layers().stream().map(LayerSpec::hasExperts))
        .containsExactly(true, false, true);
    assertThat(qwen.experts().chosen()).isEqualTo(8);
    assertThat(qwen.experts().normalised()).isFalse();
    assertThat(qwen.layers().get(0).parts(LayerWeight.EXPERT_GATE)).hasSize(8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model_type: 'gpt2'|model_type in config.json is \"gpt2\": expected one of the supported"
            + " apertus, arcee, cohere,",
        "model_type: null|model_type in config.json is null",
        "model_type: 3|model_type in config.json is 3: expected a text",
        "model_type: 'absent'|model_type in config.json is missing",
        "quantization_config: {quant_method: 'gptq'}|The weights of config.json are quantised"
            + " (quantization_config method \"gptq\")",
        "num_local_experts: 8|num_local_experts in config.json is 8: expected nothing",
        "hidden_act: 'mish'|hidden_act in config.json is \"mish\": expected one of silu, gelu,",
        "rope_scaling: {type: 'ntk', factor: 4}|type in rope_scaling of config.json is \"ntk\":"
            + " expected one of default, linear, dynamic, llama3, yarn, longrope",
        "rope_scaling: {rope_type: 'proportional'}|rope_type in rope_scaling of config.json",
        "rope_scaling: {factor: 4}|factor in rope_scaling of config.json is 4: expected nothing",
        "rope_scaling: {rope_type: 3}|rope_type in rope_scaling of config.json is 3",
        "rope_scaling: {type: 'linear'}|factor in rope_scaling of config.json is missing",
        "rope_scaling: {type: 'linear', factor: '4'}|factor in rope_scaling",
        "rope_scaling: {type: 'llama3', factor: 4}|low_freq_factor",
        "rope_parameters: {rope_type: 'longrope'}|short_factor in rope_parameters",
        "rope_scaling: {type: 'longrope', short_factor: [1], long_factor: [1]}|a list of 4",
        "rope_scaling: {type: 'longrope', short_factor: [1,1,1,1],"
            + " long_factor: [1,1,1,-1]}|long_factor in rope_scaling of config.json",
        "rope_scaling: 4|rope_scaling in config.json is 4: expected an object or null",
        "rope_theta: 300, rope_scaling: {type: 'default', rope_theta: 400}|rope_theta in"
            + " config.json is 300: expected the same base as inside rope_scaling",
        "rope_scaling: {type: 'linear', factor: 2}, rope_parameters: {rope_theta: 1e4}|rope_scaling"
            + " and rope_parameters of config.json disagree",
        "rope_parameters: {full_attention: {rope_theta: 1e4}}|nested by layer type",
        "hidden_size: -32|hidden_size in config.json is -32: expected a whole number from 1 to",
        "hidden_size: null|hidden_size in config.json is null",
        "hidden_size: 32.5|hidden_size in config.json is 32.5",
        "hidden_size: '32'|hidden_size in config.json is \"32\"",
        "hidden_size: 99999999999999999999|hidden_size in config.json is 99999999999999999999",
        "num_hidden_layers: 0|num_hidden_layers in config.json is 0",
        "num_hidden_layers: 2000000000|num_hidden_layers in config.json is 2000000000",
        "intermediate_size: 0|intermediate_size",
        "intermediate_size: 'absent'|intermediate_size in config.json is missing",
        "vocab_size: 0|vocab_size",
        "num_key_value_heads: 3|num_key_value_heads in config.json is 3: expected a divisor",
        "num_attention_heads: 5, num_key_value_heads: 5|expected a divisor of hidden_size",
        "head_dim: 7|head_dim in config.json is 7: expected one that rotates an even number",
        "num_attention_heads: 16777216, head_dim: 16777216|heads that are together at most",
        "rms_norm_eps: 0|rms_norm_eps",
        "rope_theta: -1|rope_theta",
        "rope_theta: 1e999|rope_theta",
        "partial_rotary_factor: 0.5|1 or nothing, because transformers rotates whole heads",
        "max_position_embeddings: null|max_position_embeddings",
        "max_position_embeddings: 3000000000|max_position_embeddings",
        "tie_word_embeddings: 'no'|tie_word_embeddings in config.json is \"no\"",
        "attention_bias: 1|attention_bias in config.json is 1: expected true or false",
      })
  void read_llamaThatIsNotSupportedOrAbsurd_isRejected(String changes, String sentence) {
    String type = changes.contains("model_type") ? "" : "model_type: 'llama', ";
    assertRejected(type + changes, sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model_type: 'ministral'|head_dim in config.json is missing: expected a number, without"
            + " which transformers fails for ministral",
        "model_type: 'hunyuan_v1_dense'|head_dim in config.json is missing",
        "model_type: 'nemotron', num_key_value_heads: 'absent'|num_key_value_heads in config.json",
        "model_type: 'stablelm', head_dim: 16|head_dim in config.json is 16: expected hidden_size",
        "model_type: 'exaone4', sliding_window: null|layer_types in config.json is missing",
        "model_type: 'exaone4', sliding_window_pattern: 'LLLG'|sliding_window_pattern",
        "model_type: 'exaone4', layer_types: ['full_attention']|one type for each of 3 layers",
        "model_type: 'llama', layer_types: ['full_attention']|one type for each of 3 layers",
        "model_type: 'llama', layer_types:"
            + " ['sliding_attention','full_attention','full_attention']|expected no"
            + " sliding_attention, which this model_type does not have",
        "model_type: 'mistral', head_dim: 8, layer_types: []|layer_types in config.json is []",
        "model_type: 'gemma2', layer_types: ['chunked_attention','x','y']|only sliding_attention",
        "model_type: 'qwen2', layer_types:"
            + " ['sliding_attention','full_attention','full_attention']|use_sliding_window is not",
        "model_type: 'qwen2', use_sliding_window: true, sliding_window: -1|sliding_window",
        "model_type: 'qwen2', use_sliding_window: true, max_window_layers: -1|max_window_layers",
        "model_type: 'smollm3', no_rope_layers: [1]|0 or 1 for each of 3 layers",
        "model_type: 'smollm3', no_rope_layers: 4|0 or 1 for each of 3 layers",
        "model_type: 'smollm3', no_rope_layers: ['a', 1, 0]|0 or 1 for each of 3 layers",
        "model_type: 'gemma3_text', rope_parameters: {rope_theta: 1e4}|rope_parameters of"
            + " config.json is one table: expected one for full_attention",
        "model_type: 'olmo3', rope_parameters: {rope_type: 'default', rope_theta: 1e4}|one table",
        "model_type: 'mistral', head_dim: 8, layer_types:"
            + " ['full_attention','full_attention','full_attention'], rope_parameters:"
            + " {full_attention: {rope_theta: 1e4}}|transformers does not read nested ones for",
        "model_type: 'phi3', rope_scaling: {type: 'su', short_factor: [1,1,1,1],"
            + " long_factor: [1,1,1,1]}|original_max_position_embeddings in rope_scaling",
        "model_type: 'phi3', rope_scaling: {type: 'linear', factor: 2}|default or longrope",
        "model_type: 'phimoe', num_local_experts: 4, rope_scaling: {type: 'longrope',"
            + " short_factor: [1,1,1,1], long_factor: [1,1,1,1]}|short_mscale",
        "model_type: 'phimoe', num_local_experts: 4, num_experts_per_tok: 1|num_experts_per_tok",
        "model_type: 'mixtral'|num_experts in config.json is missing",
        "model_type: 'mixtral', num_local_experts: 2, num_experts_per_tok: 3|num_experts_per_tok in"
            + " config.json is 3: expected",
        "model_type: 'qwen3_moe', num_experts: 8, moe_intermediate_size: 8,"
            + " mlp_only_layers: 1|mlp_only_layers in config.json is 1: expected",
        "model_type: 'qwen3_moe', num_experts: 8, moe_intermediate_size: 8,"
            + " mlp_only_layers: ['x']|mlp_only_layers",
        "model_type: 'qwen3_moe', num_experts: 8, moe_intermediate_size: 8,"
            + " mlp_only_layers: [0], intermediate_size: 'absent'|intermediate_size",
        "model_type: 'ministral3', rope_parameters: {rope_type: 'default',"
            + " rope_theta: 1e4}|llama_4_scaling_beta in rope_parameters",
        "model_type: 'minicpm3', num_key_value_heads: 4, kv_lora_rank: 12, qk_rope_head_dim: 8,"
            + " qk_nope_head_dim: 6|q_lora_rank in config.json is missing",
        "model_type: 'minicpm3', num_key_value_heads: 2, kv_lora_rank: 12, qk_rope_head_dim: 8,"
            + " qk_nope_head_dim: 6, q_lora_rank: null|as many as num_attention_heads, 4",
        "model_type: 'gemma3'|No text_config in config.json",
        "model_type: 'mistral3', text_config: 3|No text_config in config.json",
        "model_type: 'mistral3', text_config: {head_dim: 8}|hidden_size in text_config of"
            + " config.json is missing",
      })
  void read_absurdForTheFamily_isRejected(String changes, String sentence) {
    assertRejected(changes, sentence);
  }

  @ParameterizedTest
  @CsvSource({"n_group,3", "n_group,8", "topk_group,5", "n_routed_experts,6", "scoring_func,\"x\""})
  void read_absurdGroupsOfExperts_areRejected(String field, String value) {
    assertThat(read(DEEPSEEK + "topk_group: 2").experts().groups()).isEqualTo(4);
    ObjectNode config = config(DEEPSEEK + "topk_group: 2");
    config.set(field, parse("{a: " + value + "}").get("a"));
    Sentences.assertIsOne(catchThrowable(() -> read(config)));
  }

  /** A field that changes another family and that this one does not read. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mistral|attention_bias: true",
        "mixtral|mlp_bias: true",
        "llama|sliding_window: 8",
        "llama|use_sliding_window: true",
        "llama|no_rope_layers: [1,0,1]",
        "llama|embedding_multiplier: 3",
        "llama|residual_multiplier: 0.5",
        "llama|attention_multiplier: 0.5",
        "llama|logits_scaling: 2",
        "llama|logit_scale: 0.5",
        "llama|scale_emb: 12",
        "llama|scale_depth: 1.4",
        "llama|dim_model_base: 256",
        "llama|attn_logit_softcapping: 50",
        "llama|final_logit_softcapping: 30",
        "llama|query_pre_attn_scalar: 256",
        "llama|clip_qkv: 8",
        "llama|qk_layernorm: true",
        "llama|use_qk_norm: true",
        "llama|use_parallel_residual: true",
        "llama|parallel_attn: true",
        "llama|alibi: true",
        "llama|use_bidirectional_attention: true",
        "llama|num_experts: 8",
        "llama|n_routed_experts: 8",
        "llama|kv_lora_rank: 12",
        "llama|rope_local_base_freq: 1e4",
        "llama|attention_chunk_size: 8192",
        "llama|dual_chunk_attention_config: {chunk_size: 4}",
        "llama|rotary_pct: 0.25",
        "llama|hidden_activation: 'gelu'",
        "qwen2|mlp_bias: true",
        "qwen3|clip_qkv: 8",
        "olmo2|clip_qkv: 8",
        "gemma|attn_logit_softcapping: 50",
        "phi|sliding_window: 8",
        "cohere|sliding_window: 8",
        "glm4|use_qk_norm: true",
      })
  void read_fieldOfAnotherFamily_isRejectedByName(String modelType, String field) {
    String name = field.substring(0, field.indexOf(':'));
    String experts = modelType.equals("mixtral") ? "num_local_experts: 4, " : "";
    assertRejected(
        "model_type: '" + modelType + "', " + experts + field,
        name + " in config.json is ",
        modelType);
  }

  /** Fields that published files have and that change nothing there. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "llama|pretraining_tp: 2",
        "llama|attention_bias: false, mlp_bias: null, sliding_window: null, clip_qkv: null",
        "llama|embedding_multiplier: 1.0, logits_scaling: 1, rotary_pct: 1.0, num_experts: 0",
        "llama|auto_map: {AutoModelForCausalLM: 'modeling.Llama'}, transformers_version: '4.40'",
        "llama|attention_dropout: 0.1, use_cache: true, initializer_range: 0.02",
        "qwen2|attention_bias: true",
        "gemma2|hidden_act: 'silu'",
        "gemma3_text|attn_logit_softcapping: 50.0, hidden_act: 'relu'",
        "olmo3|sliding_window_pattern: 2",
        "smollm3|max_window_layers: 28, pretraining_tp: 2",
        "gemma|hidden_activation: 'gelu'",
        "cohere2|use_qk_norm: true",
      })
  void read_fieldThatChangesNothing_isPassedOver(String modelType, String fields) {
    DecoderSpec plain = read("model_type: '" + modelType + "'");
    assertThat(read("model_type: '" + modelType + "', " + fields)).isEqualTo(plain);
  }

  @Test
  void read_multimodalModel_isItsTextModel() {
    String text =
        "hidden_size: 32, intermediate_size: 24, num_hidden_layers: 3,"
            + " num_attention_heads: 4, num_key_value_heads: 2, vocab_size: 64,"
            + " max_position_embeddings: 32";
    DecoderSpec gemma = read("model_type: 'gemma3_text'");
    assertThat(read("model_type: 'gemma3', text_config: {" + text + "}")).isEqualTo(gemma);
    assertThat(
            read(
                "model_type: 'gemma3', vision_config: {hidden_size: 8}, text_config:"
                    + " {model_type: 'gemma3_text', "
                    + text
                    + "}"))
        .isEqualTo(gemma);
    // Published files leave out what is as in transformers.
    assertThat(read("model_type: 'gemma3', text_config: {}").layerCount()).isEqualTo(26);
    // The whole model ties by default, and text_config has no say.
    DecoderSpec mistral =
        read("model_type: 'mistral', sliding_window: null, tie_word_embeddings: true");
    String window = "text_config: {sliding_window: null, " + text + "}";
    assertThat(read("model_type: 'mistral3', " + window)).isEqualTo(mistral);
    assertThat(
            read("model_type: 'mistral3', tie_word_embeddings: false, " + window).tiedEmbeddings())
        .isFalse();
    assertThat(
            read("model_type: 'mistral3', text_config: {model_type: 'qwen2', " + text + "}")
                .modelType())
        .isEqualTo("qwen2");
    assertRejected(
        "model_type: 'gemma3', text_config: {clip_qkv: 8, " + text + "}",
        "clip_qkv in text_config of config.json is 8");
    assertRejected(
        "model_type: 'mistral3', text_config: {quantization_config: {quant_method: 'fp8'}, "
            + text
            + "}",
        "quantised");
  }

  @Test
  void read_nan_namesTheField() throws IOException {
    Path file = directory.resolve("config.json");
    Files.writeString(file, config("model_type: 'llama', rms_norm_eps: 7").toString());
    Files.writeString(
        file, Files.readString(file).replace("\"rms_norm_eps\":7", "\"rms_norm_eps\":NaN"));
    assertThatThrownBy(() -> DecoderSpecReader.read(file, TensorNames.UNKNOWN))
        .hasMessageContaining("rms_norm_eps in config.json in " + directory + " is");
  }

  @Test
  void write_givesTheSameSpecBack() throws IOException {
    DecoderSpec spec = read("model_type: 'llama', head_dim: 16, tie_word_embeddings: true");
    String json = ModelConfigWriter.toJson(spec, DType.BF16, 1, null);
    Path file = Files.writeString(directory.resolve("config.json"), json);
    assertThat(DecoderSpecReader.read(file, TensorNames.UNKNOWN)).isEqualTo(spec);
    assertThat(json)
        .contains("\"architectures\"", "\"torch_dtype\" : \"bfloat16\"", "\"eos_token_id\" : null");
    for (String other :
        List.of(
            "model_type: 'qwen2'",
            "model_type: 'llama', attention_bias: true",
            "model_type: 'llama', mlp_bias: true",
            "model_type: 'llama', hidden_act: 'gelu'",
            "model_type: 'llama', rope_scaling: {type: 'linear', factor: 2}")) {
      assertThatThrownBy(() -> ModelConfigWriter.toJson(read(other), DType.F32, null, null))
          .as(other)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
