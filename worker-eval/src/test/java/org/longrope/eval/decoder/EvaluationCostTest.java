package org.longrope.eval.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.eval.StrictJson;
import org.longrope.eval.checkpoint.Architecture;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.family.LlamaShape;
import org.longrope.eval.family.TensorNames;
import org.longrope.eval.family.TinyFamilies;

class EvaluationCostTest {
  @TempDir Path directory;

  /** Llama 2 7B. */
  private static final DecoderSpec SEVEN_BILLION =
      new LlamaShape(4096, 11_008, 32, 32, 32, 32_000, false, 10_000, 4096).spec();

  @Test
  void of_llama2_hasItsPublishedNumberOfWeights() {
    EvaluationCost cost =
        EvaluationCost.of(SEVEN_BILLION, AttentionWindow.CONFIG, DType.BF16, true, 4096);
    assertThat(cost.weightBytes()).isEqualTo(2 * 6_738_415_616L);
    assertThat(cost.embeddingBytes()).isEqualTo(2L * 32_000 * 4096);
  }

  /** Numbers of weights as published, and of those that a token passes through. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Qwen3-8B|8190735360|7568405504|'model_type': 'qwen3', 'hidden_size': 4096,"
            + " 'intermediate_size': 12288, 'num_hidden_layers': 36, 'num_attention_heads': 32,"
            + " 'num_key_value_heads': 8, 'head_dim': 128, 'vocab_size': 151936",
        "Gemma 2 9B|9241705984|9241705984|'model_type': 'gemma2', 'hidden_size': 3584,"
            + " 'intermediate_size': 14336, 'num_hidden_layers': 42, 'num_attention_heads': 16,"
            + " 'num_key_value_heads': 8, 'head_dim': 256, 'vocab_size': 256000",
        "Mixtral 8x7B|46702792704|12748853248|'model_type': 'mixtral', 'hidden_size': 4096,"
            + " 'intermediate_size': 14336, 'num_hidden_layers': 32, 'num_attention_heads': 32,"
            + " 'num_key_value_heads': 8, 'vocab_size': 32000, 'num_local_experts': 8,"
            + " 'num_experts_per_tok': 2",
        "gpt-oss-20b|20914757184|3607142400|'model_type': 'gpt_oss', 'hidden_size': 2880,"
            + " 'intermediate_size': 2880, 'num_hidden_layers': 24, 'num_attention_heads': 64,"
            + " 'num_key_value_heads': 8, 'head_dim': 64, 'vocab_size': 201088,"
            + " 'num_local_experts': 32, 'num_experts_per_tok': 4",
        "DeepSeek-V3|671026419200|36625359360|'model_type': 'deepseek_v3', 'hidden_size': 7168,"
            + " 'intermediate_size': 18432, 'moe_intermediate_size': 2048,"
            + " 'num_hidden_layers': 61, 'num_attention_heads': 128,"
            + " 'num_key_value_heads': 128, 'q_lora_rank': 1536, 'kv_lora_rank': 512,"
            + " 'qk_rope_head_dim': 64, 'qk_nope_head_dim': 128, 'v_head_dim': 128,"
            + " 'n_routed_experts': 256, 'n_shared_experts': 1, 'num_experts_per_tok': 8,"
            + " 'first_k_dense_replace': 3, 'n_group': 8, 'topk_group': 4, 'vocab_size': 129280",
      })
  void of_publishedModel_countsItsWeightsAndThoseOfAToken(
      String name, long weights, long ofAToken, String fields) {
    DecoderSpec spec = spec("{" + fields.replace('\'', '"') + "}");
    EvaluationCost cost =
        EvaluationCost.of(spec, AttentionWindow.parse("1"), DType.BF16, true, 1001);
    assertThat(cost.weightBytes()).as(name).isEqualTo(2 * weights);
    assertThat(cost.layerBytes()).hasSize(spec.layerCount());
    long outside = (spec.tiedEmbeddings() ? 1 : 2) * cost.embeddingBytes() + 2L * spec.hiddenSize();
    assertThat(cost.layerBytes().stream().mapToLong(Long::longValue).sum() + outside)
        .isEqualTo(cost.weightBytes());
    // Two operations for each weight of a matrix; norms, biases and sinks are left out.
    double perKey =
        2.0
            * spec.attention().heads()
            * (spec.attention().keyWidth() + spec.attention().valueWidth());
    double matrices = cost.flop() / 1000 - spec.layerCount() * perKey;
    assertThat(matrices / 2).as(name).isCloseTo(ofAToken, within(1e-3 * ofAToken));
  }

  private static DecoderSpec spec(String config) {
    return DecoderSpecReader.read(
        StrictJson.parseObject(config.getBytes(StandardCharsets.UTF_8), "config.json"),
        "config.json",
        TensorNames.UNKNOWN);
  }

  /** Windows of 10 keys in two layers of three, all keys in the other. */
  @Test
  void of_layersWithWindows_countsTheKeysOfEach() {
    DecoderSpec spec = TinyFamilies.GEMMA2.open(directory).config();
    EvaluationCost all = EvaluationCost.of(spec, AttentionWindow.NONE, DType.F32, false, 101);
    EvaluationCost own = EvaluationCost.of(spec, AttentionWindow.CONFIG, DType.F32, false, 101);
    double hidden = 100 * 101 / 2.0 - (10 * 11 / 2.0 + 90 * 10);
    assertThat(spec.attentionWindows()).containsExactly(10, 0, 10);
    assertThat(all.flop() - own.flop()).isEqualTo(2 * hidden * 4 * spec.attention().queryWidth());
  }

  /** Latent attention keeps the keys and values of each head, which have other widths. */
  @Test
  void of_latentAttention_holdsKeysAndValuesOfEachHead() {
    DecoderSpec spec = TinyFamilies.DEEPSEEK_V3.open(directory).config();
    EvaluationCost cost = EvaluationCost.of(spec, AttentionWindow.CONFIG, DType.F32, false, 101);
    long states = 32;
    long keysAndValues = 4 * (16 + 6 + 10);
    long tables = 16;
    assertThat(cost.lengthBytes())
        .isEqualTo(100 * (4 * (states + keysAndValues + tables) + 2 * Long.BYTES));
  }

  @Test
  void of_twoMillionTokensOfLlama2_fitsOneCardOf141Gigabytes() {
    EvaluationCost cost =
        EvaluationCost.of(SEVEN_BILLION, AttentionWindow.CONFIG, DType.BF16, true, 2_097_152);
    assertThat(cost.weightBytes() + cost.passBytes()).isLessThan(141_000_000_000L);
  }

  @ParameterizedTest
  @CsvSource({"none,10", "10,10", "5,5", "1,1"})
  void of_window_countsTheKeysThatAreSeen(String window, int most) {
    DecoderSpec config = Architecture.LLAMA.open(directory, 1).config();
    double pairs = 0;
    for (int i = 0; i < 10; i++) {
      pairs += Math.min(i + 1, most);
    }
    double perPair = 4.0 * config.attention().queryWidth() * config.layerCount();
    EvaluationCost cost =
        EvaluationCost.of(config, AttentionWindow.parse(window), DType.F32, false, 11);
    EvaluationCost all =
        EvaluationCost.of(config, AttentionWindow.parse("none"), DType.F32, false, 11);
    assertThat(all.flop() - cost.flop()).isEqualTo((55 - pairs) * perPair);
  }

  @Test
  void of_nothingToScore_isRejected() {
    DecoderSpec config = Architecture.LLAMA.open(directory, 2).config();
    assertThatThrownBy(() -> EvaluationCost.of(config, AttentionWindow.CONFIG, DType.F32, false, 1))
        .hasMessage("Cannot score a window of 1 tokens");
  }
}
