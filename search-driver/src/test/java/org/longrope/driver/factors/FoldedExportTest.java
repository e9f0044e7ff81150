package org.longrope.driver.factors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.family.TensorNames;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeScaling;

/** Exports for models that have a rope type of their own, and for every family. */
class FoldedExportTest {
  /** JSON with single quotes and bare names. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
          .build();

  private static final int PAIRS = 4;
  private static final double BASE = 5000;
  private static final int WINDOW = 256;
  private static final RescaleFactors LAMBDA = RescaleFactors.of(1, 1.25, 2.5, 3.75);
  private static final double ATTENTION = 1.25;
  private static final Offset<Double> ROUNDING = within(1e-13);

  private static final Map<String, String> EXTRAS =
      Map.ofEntries(
          Map.entry("mixtral", "num_local_experts: 4"),
          Map.entry("phimoe", "num_local_experts: 4"),
          Map.entry("granitemoe", "num_local_experts: 4"),
          Map.entry("gpt_oss", "num_local_experts: 4, rope_scaling: {rope_type: 'default'}"),
          Map.entry("apertus", "rope_scaling: {rope_type: 'default'}"),
          Map.entry("olmoe", "num_experts: 4, num_experts_per_tok: 2"),
          Map.entry(
              "qwen3_moe", "num_experts: 4, num_experts_per_tok: 2, moe_intermediate_size: 8"),
          Map.entry(
              "qwen2_moe",
              "num_experts: 4, num_experts_per_tok: 2, moe_intermediate_size: 8,"
                  + " shared_expert_intermediate_size: 8"),
          Map.entry(
              "deepseek_v3",
              "head_dim: 'absent', q_lora_rank: 8, kv_lora_rank: 8, qk_rope_head_dim: 8,"
                  + " qk_nope_head_dim: 4, v_head_dim: 8, n_routed_experts: 4, n_group: 2,"
                  + " topk_group: 1, num_experts_per_tok: 2, moe_intermediate_size: 8"),
          Map.entry(
              "minicpm3",
              "head_dim: 'absent', q_lora_rank: 8, kv_lora_rank: 8, qk_rope_head_dim: 8,"
                  + " qk_nope_head_dim: 4, v_head_dim: 8"),
          Map.entry(
              "ministral3",
              "rope_theta: 'absent', rope_parameters: {rope_type: 'default', rope_theta: 5000.0,"
                  + " llama_4_scaling_beta: 0.1}"));

  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();

  static List<String> families() {
    return DecoderSpecReader.supportedTypes();
  }

  @ParameterizedTest
  @MethodSource("families")
  void anyFamily_exported_isReadBackWithTheFactorsAndNothingElseChanged(String type)
      throws IOException {
    ObjectNode config = config(type, "");
    DecoderSpec before = spec(config);

    DecoderSpec after = spec(export(config, set(before.rope().pairs()), null));

    RopeScaling.LongRope longRope = (RopeScaling.LongRope) after.rope().scaling();
    assertThat(longRope.longFactors().toArray())
        .containsExactly(lambda(before.rope().pairs()).toArray(), ROUNDING);
    assertThat(longRope.longAttention()).isCloseTo(ATTENTION, ROUNDING);
    assertThat(longRope.reach()).isEqualTo(2 * WINDOW);
    assertThat(longRope.original()).isEqualTo(WINDOW);
    assertThat(after.rope().base()).isEqualTo(before.rope().base());
    assertThat(after.localRope()).isEqualTo(before.localRope());
    assertThat(after.layers()).isEqualTo(before.layers());
    assertThat(after.attention()).isEqualTo(before.attention());
    assertThat(after.scales()).isEqualTo(before.scales());
  }

  /** Checks rope types by formulas that are written out here. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{type: 'linear', factor: 4.0}                                               | 1",
        "{rope_type: 'llama3', factor: 8.0, low_freq_factor: 1.0, high_freq_factor: 4.0,"
            + " original_max_position_embeddings: 32}                                | 1",
        "{type: 'yarn', factor: 8.0, original_max_position_embeddings: 32, beta_fast: 4,"
            + " beta_slow: 1}                                              | 1.2079441541679836",
        "{type: 'yarn', factor: 8.0, original_max_position_embeddings: 32, beta_fast: 4,"
            + " beta_slow: 1, truncate: false, attention_factor: 0.75}                | 0.75",
        "{rope_type: 'dynamic', factor: 2.0}                                          | 1",
      })
  void ropeTypeOfTheModel_isPartOfTheWrittenFactors(String scaling, double baseAttention)
      throws IOException {
    ObjectNode config = config("llama", "rope_scaling: " + scaling);
    JsonNode table = JSON.readTree(scaling);

    ObjectNode written = export(config, set(PAIRS), null);

    JsonNode rope = written.get("rope_scaling");
    for (int i = 0; i < PAIRS; i++) {
      assertThat(rope.get("long_factor").get(i).asDouble())
          .isCloseTo(slowing(table, i, 2 * WINDOW) * LAMBDA.get(i), ROUNDING);
      assertThat(rope.get("short_factor").get(i).asDouble())
          .isCloseTo(slowing(table, i, WINDOW), ROUNDING);
    }
    assertThat(rope.get("attention_factor").asDouble())
        .isCloseTo(baseAttention * ATTENTION, ROUNDING);
    assertThat(rope.get("factor").asDouble()).isEqualTo(2);
    assertThat(rope.get("original_max_position_embeddings").asInt()).isEqualTo(WINDOW);
    assertThat(written.get("original_max_position_embeddings").asInt()).isEqualTo(WINDOW);
    assertThat(written.get("max_position_embeddings").asInt()).isEqualTo(2 * WINDOW);
    requireNoLeftovers(rope, Set.of());
    requireNoLeftovers(written.get("rope_parameters"), Set.of("rope_theta"));
  }

  private static void requireNoLeftovers(JsonNode table, Set<String> more) {
    Set<String> known =
        Set.of(
            "rope_type",
            "long_factor",
            "short_factor",
            "factor",
            "attention_factor",
            "original_max_position_embeddings",
            "short_mscale",
            "long_mscale");
    assertThat(table.fieldNames())
        .toIterable()
        .allMatch(field -> known.contains(field) || more.contains(field));
  }

  /** Returns b^(−2i/d) / f_i of a rope type at a length. */
  private static double slowing(JsonNode table, int i, int length) {
    double frequency = Math.pow(BASE, -i / (double) PAIRS);
    double factor = table.path("factor").asDouble();
    switch (table.path("type").asText(table.path("rope_type").asText())) {
      case "linear":
        return factor;
      case "llama3":
        double turns = 32 * frequency / (2 * Math.PI);
        double kept = turns >= 4 ? 1 : turns <= 1 ? 0 : (turns - 1) / 3;
        return 1 / ((1 - kept) / factor + kept);
      case "yarn":
        double low = PAIRS * Math.log(32 / (4 * 2 * Math.PI)) / Math.log(BASE);
        double high = PAIRS * Math.log(32 / (2 * Math.PI)) / Math.log(BASE);
        if (table.path("truncate").asBoolean(true)) {
          low = Math.floor(low);
          high = Math.ceil(high);
        }
        double interpolated = Math.min(1, Math.max(0, (i - low) / (high - low)));
        return 1 / (interpolated / factor + 1 - interpolated);
      case "dynamic":
        double growth = factor * length / WINDOW - (factor - 1);
        // The base grows by growth^(d/(d−2)), of which pair i has the power 2i/d.
        return Math.pow(growth, 2.0 * i / (2 * PAIRS - 2));
      default:
        throw new AssertionError(table);
    }
  }

  @Test
  void dynamic_isNamedAsTheTableOfOneLength() throws IOException {
    export(config("llama", "rope_scaling: {rope_type: 'dynamic', factor: 2.0}"), set(PAIRS), null);

    assertThat(warnings)
        .anyMatch(
            sentence ->
                sentence.contains("rope type dynamic") && sentence.contains("that of 512 tokens"));
  }

  @Test
  void alphaOfHunyuan_isPartOfTheFactorsAtEveryLength() throws IOException {
    ObjectNode config =
        config("hunyuan_v1_dense", "rope_scaling: {type: 'dynamic', factor: 1.0, alpha: 50.0}");

    JsonNode rope = export(config, set(PAIRS), null).get("rope_scaling");

    for (int i = 0; i < PAIRS; i++) {
      double grown = Math.pow(50, 2.0 * i / (2 * PAIRS - 2));
      assertThat(rope.get("long_factor").get(i).asDouble() / (grown * LAMBDA.get(i)))
          .isCloseTo(1, ROUNDING);
      assertThat(rope.get("short_factor").get(i).asDouble() / grown).isCloseTo(1, ROUNDING);
    }
    assertThat(rope.has("alpha")).isFalse();
    assertThat(warnings).noneMatch(sentence -> sentence.contains("dynamic"));
  }

  @Test
  void longropeOfTheModel_isReplacedByGivenFactors() throws IOException {
    ObjectNode config =
        config(
            "llama",
            "original_max_position_embeddings: 64, rope_scaling: {rope_type: 'longrope',"
                + " short_factor: [1, 1.1, 1.2, 1.3], long_factor: [1, 2, 3, 4],"
                + " attention_factor: 1.5}");
    FactorSet set = new FactorSet(LAMBDA, 0, ATTENTION, 8.0, 64, null, null, null);

    JsonNode rope = export(config, set, null).get("rope_scaling");

    assertThat(rope.get("long_factor")).isEqualTo(FactorJson.list(LAMBDA));
    assertThat(rope.get("short_factor").toString()).isEqualTo("[1.0,1.1,1.2,1.3]");
    assertThat(rope.get("attention_factor").asDouble()).isEqualTo(ATTENTION);
  }

  @Test
  void startTokens_overARopeTypeOfTheModel_areLostToAll() throws IOException {
    ObjectNode config = config("llama", "rope_scaling: {rope_type: 'linear', factor: 2.0}");
    FactorSet set = new FactorSet(LAMBDA, 16, ATTENTION, 2.0, WINDOW, null, null, null);

    ObjectNode written = export(config, set, null);

    assertThat(written.at("/longrope/start_tokens").asInt(-1)).isZero();
    assertThat(warnings)
        .anyMatch(
            sentence ->
                sentence.contains("the first 16 positions")
                    && sentence.contains("replace the model's rope type linear"));
  }

  @Test
  void table_overARopeTypeOfTheModel_isReadBackWithTotalFactors() throws IOException {
    ObjectNode config = config("llama", "rope_scaling: {rope_type: 'linear', factor: 2.0}");
    FactorFile table =
        FactorFile.join(
            List.of(
                FactorFile.of("w", new FactorSet(LAMBDA, 0, 1.0, 1.0, WINDOW, null, null, null)),
                FactorFile.of("t", set(PAIRS))));

    ObjectNode written = export(config, table, null);

    FactorFile read = FactorFile.parse("c", written.toString(), warnings::add);
    assertThat(read.sets().get(0).set().factors()).isEqualTo(RescaleFactors.of(2, 2.5, 5, 7.5));
    // Over the model that they were found for, they are again what was found.
    assertThat(read.relativeTo(spec(config).rope()).longest().factors()).isEqualTo(LAMBDA);
    assertThat(read.relativeTo(spec(written).rope()).longest().factors())
        .isEqualTo(RescaleFactors.of(2, 2.5, 5, 7.5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"deepseek_v3", "minicpm3"})
  void factorOnTheScores_ofLatentAttention_isKept(String type) throws IOException {
    ObjectNode config =
        config(
            type,
            "rope_scaling: {type: 'yarn', factor: 8.0, original_max_position_embeddings: 32,"
                + " mscale: 0.7, mscale_all_dim: 1.1}");
    double magnitude = 0.1 * 1.1 * Math.log(8) + 1;

    ObjectNode written = export(config, set(PAIRS), null);

    double scale = spec(written).attention().scale();
    assertThat(scale).isCloseTo(magnitude * magnitude / Math.sqrt(12), ROUNDING);
    assertThat(written.get("rope_parameters").path("mscale").isMissingNode()).isTrue();
    assertThat(written.has("head_dim")).isFalse();
    FactorSet within = new FactorSet(LAMBDA, 0, 1.0, 1.0, WINDOW, null, null, null);
    assertThatThrownBy(() -> export(config, within, null))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(type)
        .hasMessageContaining("mscale_all_dim");
  }

  @Test
  void growthOfQueries_keepsItsWindow_orTheExportIsRejected() throws IOException {
    ObjectNode config =
        config(
            "ministral3",
            "rope_parameters: {rope_type: 'yarn', rope_theta: 5000.0, factor: 4.0,"
                + " original_max_position_embeddings: 64, llama_4_scaling_beta: 0.3}");

    ObjectNode written = export(config, set(PAIRS), null);

    DecoderSpec after = spec(written);
    assertThat(after.attention()).isEqualTo(spec(config).attention());
    RopeScaling.LongRope rope = (RopeScaling.LongRope) after.rope().scaling();
    assertThat(rope.shortFactors()).isEqualTo(rope.longFactors());
    assertThat(warnings).anyMatch(sentence -> sentence.contains("(--short-factors long)"));
    assertThatThrownBy(() -> export(config, set(PAIRS), ShortFactors.ORIGINAL))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--short-factors original")
        .hasMessageContaining("original_max_position_embeddings 64");
  }

  @Test
  void phimoe_hasTheLongFactorsAtAllLengths() throws IOException {
    ObjectNode written = export(config("phimoe", ""), set(PAIRS), null);

    JsonNode rope = written.get("rope_parameters");
    assertThat(rope.get("short_factor")).isEqualTo(rope.get("long_factor"));
    assertThat(rope.get("short_mscale").asDouble()).isEqualTo(ATTENTION);
    assertThat(rope.get("long_mscale").asDouble()).isEqualTo(ATTENTION);
    for (ShortFactors choice : List.of(ShortFactors.ORIGINAL, ShortFactors.FOUND)) {
      assertThatThrownBy(() -> export(config("phimoe", ""), set(PAIRS), choice))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("phimoe with short_factor at every length");
    }
  }

  @Test
  void phi3_whoseHeadsAreNotTheHiddenSizeDivided_isRejected() throws IOException {
    ObjectNode config = config("phi3", "head_dim: 12");

    assertThatThrownBy(() -> export(config, set(6), null))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("phi3 with head_dim 12");
  }

  @Test
  void gemma3_hasTablesForBothKindsOfLayers() throws IOException {
    ObjectNode config =
        config(
            "gemma3_text",
            "rope_theta: 'absent', sliding_window: 32, rope_parameters: {full_attention:"
                + " {rope_type: 'linear', factor: 2.0, rope_theta: 5000.0}, sliding_attention:"
                + " {rope_type: 'default', rope_theta: 700.0}}, layer_types:"
                + " ['sliding_attention', 'full_attention']");

    ObjectNode written = export(config, set(PAIRS), null);

    assertThat(written.at("/rope_parameters/full_attention/long_factor").toString())
        .isEqualTo("[2.0,2.5,5.0,7.5]");
    assertThat(written.at("/rope_parameters/sliding_attention"))
        .isEqualTo(JSON.readTree("{rope_type: 'default', rope_theta: 700.0}"));
    // For version 4.
    assertThat(written.at("/rope_scaling/long_factor").toString()).isEqualTo("[2.0,2.5,5.0,7.5]");
    assertThat(written.get("rope_theta").asDouble()).isEqualTo(BASE);
    assertThat(written.get("rope_local_base_freq").asDouble()).isEqualTo(700);
    assertThat(warnings).noneMatch(sentence -> sentence.contains("transformers 4"));
  }

  @Test
  void partOfHeads_insideAndAtTheTop_mustBeTheSame() throws IOException {
    ObjectNode config =
        config(
            "phi",
            "partial_rotary_factor: 0.5, rope_scaling: {rope_type: 'linear', factor: 2.0,"
                + " partial_rotary_factor: 0.5}");

    ObjectNode written = export(config, set(2), null);

    assertThat(spec(written).rope().rotaryDimension()).isEqualTo(4);
    config.put("partial_rotary_factor", 0.25);
    assertThatThrownBy(() -> spec(config))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("the same part as inside rope_scaling");
  }

  @Test
  void gemma3_withAnotherBaseOfWindowedLayersAtTheTop_isRejected() throws IOException {
    ObjectNode written = export(config("gemma3_text", "sliding_window: 32"), set(PAIRS), null);
    written.put("rope_local_base_freq", 800.0);

    assertThatThrownBy(() -> spec(written))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("rope_local_base_freq")
        .hasMessageContaining("the same base as inside sliding_attention");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{rope_type: 'linear', factor: 3.0, rope_theta: 900.0}",
        "{rope_type: 'llama3', factor: 3.0, low_freq_factor: 1.0, high_freq_factor: 4.0,"
            + " rope_theta: 900.0}",
        "{rope_type: 'yarn', factor: 3.0, rope_theta: 900.0}",
        "{rope_type: 'longrope', short_factor: [1, 1, 1, 2], long_factor: [1, 2, 3, 4],"
            + " rope_theta: 900.0}",
      })
  void tableOfWindowedLayers_ofAnyClosedForm_isKept(String table) throws IOException {
    ObjectNode config =
        config(
            "olmo3",
            "rope_theta: 'absent', sliding_window: 32, rope_parameters: {full_attention:"
                + " {rope_type: 'default', rope_theta: 900.0}, sliding_attention: "
                + table
                + ", truncate: false}, layer_types: ['sliding_attention', 'full_attention']");
    DecoderSpec before = spec(config);

    DecoderSpec after = spec(export(config, set(PAIRS), null));

    // Its window came from max_position_embeddings, which the export changes.
    assertThat(after.localRope().frequencies(WINDOW))
        .containsExactly(before.localRope().frequencies(WINDOW), ROUNDING);
    assertThat(after.localRope().scaling().attentionFactor())
        .isEqualTo(before.localRope().scaling().attentionFactor());
    assertThat(after.localRope().published(40)).isEqualTo(before.localRope().published(40));
    assertThat(warnings).anyMatch(sentence -> sentence.contains("read the written directory with"));
  }

  @Test
  void tableOfWindowedLayers_thatFollowsTheLength_isRejected() throws IOException {
    ObjectNode config =
        config(
            "olmo3",
            "rope_theta: 'absent', sliding_window: 32, rope_parameters: {full_attention:"
                + " {rope_type: 'default', rope_theta: 900.0}, sliding_attention: {rope_type:"
                + " 'dynamic', factor: 2.0, rope_theta: 900.0}}, layer_types:"
                + " ['sliding_attention', 'full_attention']");

    assertThatThrownBy(() -> export(config, set(PAIRS), null))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("windowed layers have rope type dynamic");
  }

  @Test
  void multimodalModel_isWrittenIntoItsTextConfig() throws IOException {
    ObjectNode text = config("gemma3_text", "");
    ObjectNode config = JSON.createObjectNode().put("model_type", "gemma3");
    config.putObject("vision_config").put("hidden_size", 8);
    config.set("text_config", text);

    ObjectNode written = export(config, set(PAIRS), null);

    assertThat(written.fieldNames())
        .toIterable()
        .containsExactly("model_type", "vision_config", "text_config", "longrope");
    assertThat(written.at("/text_config/max_position_embeddings").asInt()).isEqualTo(2 * WINDOW);
    assertThat(spec(written).rope().scaling()).isInstanceOf(RopeScaling.LongRope.class);
    assertThat(FactorFile.parse("c", written.toString(), warnings::add).longest().factors())
        .isEqualTo(LAMBDA);
  }

  @ParameterizedTest
  @CsvSource({
    "gemma2, 512",
    "gpt_oss, 512",
    "cohere2, 512",
    "qwen2_moe, 512",
    "mixtral, null",
    "starcoder2, null",
    "qwen3, null",
    "llama, absent"
  })
  void attentionWindowNone_isWrittenForEveryFamilyWithWindows(String type, String after)
      throws IOException {
    String used = type.startsWith("qwen") ? ", use_sliding_window: true" : "";
    String fields = type.equals("llama") ? "" : "sliding_window: 32" + used;
    FactorSet set = set(PAIRS).withAttentionWindow(AttentionWindow.NONE);

    ObjectNode written = export(config(type, fields), set, null);

    assertThat(written.has("sliding_window") ? written.get("sliding_window").asText() : "absent")
        .isEqualTo(after);
    assertThat(spec(written).attentionWindows()).allMatch(keys -> keys == 0 || keys == 512);
    assertThat(spec(written).layers())
        .extracting("rope")
        .isEqualTo(
            spec(config(type, fields)).layers().stream().map(l -> (Object) l.rope()).toList());
  }

  @Test
  void gguf_isForFamiliesWhoseGraphReadsFactors() throws IOException {
    for (String type : families()) {
      FactorExport export =
          request(
              config(type, ""),
              FactorFile.of("f", set(spec(config(type, "")).rope().pairs())),
              null,
              FactorExport.Format.GGUF);
      if (List.of("llama", "mistral", "phi3", "minicpm3").contains(type)) {
        export.write(warnings::add);
        Files.delete(folder.resolve("out"));
      } else {
        assertThatThrownBy(() -> export.write(warnings::add))
            .as(type)
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("Cannot export to gguf for a " + type)
            .hasMessageContaining("llama, minicpm3, mistral, phi3");
      }
    }
  }

  @Test
  void gguf_ofAModelWithARopeType_hasTotalFactors() throws IOException {
    request(
            config("llama", "rope_scaling: {type: 'linear', factor: 2.0}"),
            FactorFile.of("f", set(PAIRS)),
            null,
            FactorExport.Format.GGUF)
        .write(warnings::add);

    byte[] file = Files.readAllBytes(folder.resolve("out"));
    assertThat(new String(file, StandardCharsets.ISO_8859_1))
        .contains(littleEndian(2, 2.5f, 5, 7.5f));
    assertThat(warnings).anyMatch(sentence -> sentence.contains("remove rope_freqs.weight"));
  }

  private static String littleEndian(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return new String(bytes.array(), StandardCharsets.ISO_8859_1);
  }

  private static RescaleFactors lambda(int pairs) {
    return pairs == PAIRS
        ? LAMBDA
        : RescaleFactors.of(Arrays.copyOf(new double[] {1, 1.25, 2.5, 3.75, 4, 5}, pairs));
  }

  private static FactorSet set(int pairs) {
    return new FactorSet(lambda(pairs), 0, ATTENTION, 2.0, WINDOW, null, null, null);
  }

  /** Returns a config of a family; a value 'absent' removes a field. */
  private static ObjectNode config(String type, String fields) throws IOException {
    ObjectNode config =
        (ObjectNode)
            JSON.readTree(
                "{hidden_size: 32, num_attention_heads: 4, num_key_value_heads: 4, head_dim: 8,"
                    + " num_hidden_layers: 2, intermediate_size: 48, vocab_size: 64,"
                    + " max_position_embeddings: 256, rope_theta: 5000.0}");
    config.put("model_type", type);
    config.setAll((ObjectNode) JSON.readTree("{" + EXTRAS.getOrDefault(type, "") + "}"));
    config.setAll((ObjectNode) JSON.readTree("{" + fields + "}"));
    List<String> absent = new ArrayList<>();
    config
        .fields()
        .forEachRemaining(
            field -> {
              if (field.getValue().asText().equals("absent")) {
                absent.add(field.getKey());
              }
            });
    return config.remove(absent);
  }

  private static DecoderSpec spec(ObjectNode config) {
    return DecoderSpecReader.read(config, "config.json", TensorNames.UNKNOWN);
  }

  private ObjectNode export(ObjectNode config, FactorSet set, @Nullable ShortFactors choice)
      throws IOException {
    return export(config, FactorFile.of("f", set), choice);
  }

  private ObjectNode export(ObjectNode config, FactorFile sets, @Nullable ShortFactors choice)
      throws IOException {
    return request(config, sets, choice, FactorExport.Format.HF).configJson(warnings::add);
  }

  private FactorExport request(
      ObjectNode config, FactorFile sets, @Nullable ShortFactors choice, FactorExport.Format format)
      throws IOException {
    Files.writeString(folder.resolve("config.json"), config.toString());
    return new FactorExport(
        sets,
        StoredFile.of(folder),
        format,
        StoredFile.of(folder.resolve("out")),
        null,
        null,
        choice,
        FactorExport.Contents.CONFIG,
        false);
  }
}
