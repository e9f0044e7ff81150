package org.longrope.driver.factors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.factors.FactorExport.Format;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

class FactorExportTest {
  private static final String LLAMA =
      """
      {"model_type": "llama", "hidden_size": 24, "num_attention_heads": 4, "rope_scaling": null,
       "num_hidden_layers": 1, "intermediate_size": 32, "vocab_size": 100,
       "max_position_embeddings": 256, "rope_theta": 500000.0, "unknown": [1, {"a": null}]}
      """;
  private static final String PHI3 =
      """
      {"model_type": "phi3", "hidden_size": 32, "num_attention_heads": 4, "head_dim": 8,
       "num_hidden_layers": 1, "intermediate_size": 32, "vocab_size": 100, "partial_rotary_factor": 0.75,
       "max_position_embeddings": 1024, "original_max_position_embeddings": 256,
       "rope_theta": 10000.0}
      """;
  private static final String MISTRAL =
      LLAMA.replace("\"llama\"", "\"mistral\", \"num_key_value_heads\": 4");
  private static final String VERSION_5 =
      """
      {"model_type": "glm", "hidden_size": 32, "num_attention_heads": 4, "head_dim": 8,
       "num_hidden_layers": 1, "intermediate_size": 32, "vocab_size": 100,
       "max_position_embeddings": 256,
       "rope_parameters":
         {"rope_type": "default", "rope_theta": 1000000.0, "partial_rotary_factor": 0.75}}
      """;

  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();

  @Test
  void hf_llama_isItsConfigWithBothForms() throws IOException {
    Path written = export(found(4, 1.25), LLAMA, Format.HF, "out");

    assertThat(written).isEqualTo(folder.resolve("out/config.json"));
    assertThat(Files.readString(written))
        .isEqualTo(
            """
            {
              "model_type": "llama",
              "hidden_size": 24,
              "num_attention_heads": 4,
              "rope_scaling": {
                "rope_type": "longrope",
                "long_factor": [1.0, 1.5, 8.0],
                "short_factor": [1.0, 1.0, 1.0],
                "factor": 8.0,
                "attention_factor": 1.25,
                "original_max_position_embeddings": 256,
                "short_mscale": 1.25,
                "long_mscale": 1.25
              },
              "num_hidden_layers": 1,
              "intermediate_size": 32,
              "vocab_size": 100,
              "max_position_embeddings": 2048,
              "rope_theta": 500000.0,
              "unknown": [1, {
                "a": null
              }],
              "rope_parameters": {
                "rope_theta": 500000.0,
                "rope_type": "longrope",
                "long_factor": [1.0, 1.5, 8.0],
                "short_factor": [1.0, 1.0, 1.0],
                "factor": 8.0,
                "attention_factor": 1.25,
                "original_max_position_embeddings": 256,
                "short_mscale": 1.25,
                "long_mscale": 1.25
              },
              "head_dim": 6,
              "original_max_position_embeddings": 256,
              "longrope": {
                "start_tokens": 4,
                "target_length": 2048
              }
            }
            """);
    assertThat(warnings)
        .satisfiesExactly(
            su -> assertThat(su).startsWith("TensorRT-LLM and mlx-lm compute su's"),
            cache ->
                assertThat(cache)
                    .startsWith("Text that transformers generates from below to above 256"),
            start -> assertThat(start).contains("the first 4 positions"));
    assertThat(FactorFile.read(written, warnings::add).longest()).isEqualTo(found(4, 1.25));
  }

  @Test
  void hf_phi3WithAnotherAttentionFactorThanSu_isForVersion5Alone() throws IOException {
    JsonNode json = tree(export(found(0, 1.25), PHI3, Format.HF, "phi.json"));

    // Version 5 takes rope_scaling where there is one; version 4 rejects more than three keys.
    assertThat(json.at("/rope_scaling/attention_factor").asDouble()).isEqualTo(1.25);
    assertThat(json.at("/rope_parameters/attention_factor").asDouble()).isEqualTo(1.25);
    assertThat(json.at("/rope_parameters/partial_rotary_factor").asDouble()).isEqualTo(0.75);
    assertThat(json.get("max_position_embeddings").asInt()).isEqualTo(2048);
    // Phi-3 computes its cache anew beyond the window.
    assertThat(warnings)
        .satisfiesExactly(
            first -> assertThat(first).contains("transformers 4 rejects").contains("1.25"),
            second -> assertThat(second).contains("TensorRT-LLM and mlx-lm"));
  }

  @Test
  void hf_phi3WithSu_hasExactlyTheThreeKeysThatVersion4Accepts() throws IOException {
    Path written = export(found(0, su()), PHI3, Format.HF, "phi.json");

    assertThat(tree(written).get("rope_scaling").fieldNames())
        .toIterable()
        .containsExactly("type", "short_factor", "long_factor");
    assertThat(warnings).isEmpty();
    assertThat(FactorFile.read(written, warnings::add).longest()).isEqualTo(found(0, su()));
  }

  @Test
  void hf_version5Config_repeatsTheRotationAtTheTop() throws IOException {
    JsonNode json = tree(export(found(0, 1), VERSION_5, Format.HF, "v5.json"));

    assertThat(json.at("/rope_parameters/rope_theta").asDouble()).isEqualTo(1_000_000);
    assertThat(json.at("/rope_parameters/rope_type").asText()).isEqualTo("longrope");
    assertThat(json.get("rope_theta").asDouble()).isEqualTo(1_000_000);
    assertThat(json.get("partial_rotary_factor").asDouble()).isEqualTo(0.75);
    assertThat(json.at("/rope_scaling/factor").asDouble()).isEqualTo(8);
  }

  @Test
  void hf_csvWithTargetLength_takesWindowFromTheModelAndSu() throws IOException {
    FactorSet csv = FactorSet.of(RescaleFactors.of(1, 1.5, 8));

    JsonNode json =
        tree(
            request(csv, LLAMA, Format.HF, "x.json", 2048, null)
                .write(warnings::add)
                .file()
                .location()
                .local());

    assertThat(json.at("/rope_scaling/factor").asDouble()).isEqualTo(8);
    assertThat(json.at("/rope_scaling/attention_factor").asDouble()).isEqualTo(su());
    assertThat(warnings)
        .hasSize(2)
        .anyMatch(sentence -> sentence.contains("no attention factor"))
        .noneMatch(sentence -> sentence.contains("mlx-lm"));
  }

  @Test
  void hf_attentionFactorGiven_winsOverTheFile() throws IOException {
    JsonNode json =
        tree(
            request(found(0, 1.25), LLAMA, Format.HF, "x.json", null, AttentionFactor.NONE)
                .write(warnings::add)
                .file()
                .location()
                .local());

    assertThat(json.at("/rope_scaling/attention_factor").asDouble()).isEqualTo(1);
  }

  @Test
  void hf_csvAlone_asksForTheTargetLength() {
    FactorSet csv = FactorSet.of(RescaleFactors.of(1, 1.5, 8));

    assertRefused(request(csv, LLAMA, Format.HF, "x.json", null, null), "--target-length");
    assertRefused(request(csv, null, Format.HF, "x.json", 2048, null), "give --model");
    assertRefused(request(csv, null, Format.GGUF, "x.gguf", 2048, null), "no original window");
  }

  @Test
  void anyFormat_otherModel_isRejectedAndNothingWritten() {
    FactorSet two = FactorSet.of(RescaleFactors.of(1, 1.5));

    for (Format format : Format.values()) {
      assertRefused(
          request(two, LLAMA, format, "x", 2048, null), "has 2, the model rotates 3 pairs");
    }
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void hf_ontoTheModelsOwnConfig_isRejected() throws IOException {
    assertRefused(request(found(0, 1), LLAMA, Format.HF, "model", null, null), "the model's own");
    assertThat(Files.readString(folder.resolve("model/config.json"))).isEqualTo(LLAMA);
  }

  @Test
  void hf_table_isTwoSetsForEnginesAndAllForUs() throws IOException {
    FactorFile table = table(256, 512, 2048, 16384);

    Path written =
        request(table, LLAMA, Format.HF, "t.json", null, null)
            .write(warnings::add)
            .file()
            .location()
            .local();

    JsonNode rope = tree(written).get("rope_scaling");
    assertThat(rope).isEqualTo(without(tree(written).get("rope_parameters"), "rope_theta"));
    assertThat(rope.get("short_factor").toString()).isEqualTo("[1.0,1.5,256.0]");
    assertThat(rope.get("long_factor").toString()).isEqualTo("[1.0,1.5,16384.0]");
    assertThat(rope.get("factor").asDouble()).isEqualTo(64);
    assertThat(rope.get("attention_factor").asDouble()).isEqualTo(su(16384));
    // vLLM has one for either set.
    assertThat(rope.get("short_mscale").asDouble()).isEqualTo(1);
    assertThat(rope.get("long_mscale").asDouble()).isEqualTo(su(16384));
    assertThat(tree(written).get("max_position_embeddings").asInt()).isEqualTo(16384);
    FactorFile back = FactorFile.read(written, warnings::add);
    assertThat(back.sets().stream().map(FactorFile.Named::set))
        .containsExactlyElementsOf(table.sets().stream().map(FactorFile.Named::set).toList());
    assertThat(back.sets().get(1).name()).isEqualTo(written + " up to 512 tokens");
    assertThat(FactorFile.read(written, warnings::add).longest().targetLength()).isEqualTo(16384);
  }

  @Test
  void hf_table_warnsOfTheLossesOfEachEngine() {
    request(table(128, 256, 512, 2048, 16384), LLAMA, Format.HF, "t.json", null, null)
        .write(warnings::add)
        .file()
        .location()
        .local();

    double scores = su(16384) * su(16384);
    assertThat(warnings)
        .containsExactly(
            "transformers has one set up to the original window of 256 tokens and one beyond it:"
                + " texts of up to 128 tokens are read with the factors for 256, texts of 257 to"
                + " 2,048 tokens are read with the factors for 16,384, factors of their own for 128"
                + " and 512 and 2,048 are lost to it.",
            String.format(
                Locale.ROOT,
                "transformers has one attention factor for all lengths: %.4f, for 16,384 tokens, is"
                    + " written, and texts within the window are read with it instead of 1.0000,"
                    + " which makes their attention scores %.4f times as large.",
                su(16384),
                scores),
            "vLLM reads short prompts too with the factors for 16,384 tokens, as soon as"
                + " --max-model-len is above 256.",
            "TensorRT-LLM reads short prompts too with the factors for 16,384 tokens, as soon as"
                + " max_seq_len is above 256.",
            "mlx-lm reads short prompts too with the factors for 16,384 tokens: it knows"
                + " long_factor alone.",
            String.format(
                Locale.ROOT,
                "TensorRT-LLM and mlx-lm compute su's attention factor, %.4f, whatever is written.",
                su(16384)),
            "Text that transformers generates from below to above 256 tokens goes wrong, because"
                + " keys in its cache stay rotated by short_factor and later ones are rotated by"
                + " long_factor: --short-factors long writes the long factors for both, at the cost"
                + " of short texts.",
            "Engines have no field for start tokens and will interpolate the first positions (4 in"
                + " texts of up to 512 tokens, 16 in texts of up to 2,048 tokens, 128 in texts of"
                + " up to 16,384 tokens) too; the file keeps their number for us alone.");
  }

  @Test
  void hf_tableOfTheWindowAndTheTarget_losesNoLength() {
    request(table(256, 2048), LLAMA, Format.HF, "t.json", null, AttentionFactor.constant(1.1))
        .write(warnings::add)
        .file()
        .location()
        .local();

    assertThat(warnings)
        .hasSize(6)
        .noneMatch(sentence -> sentence.startsWith("transformers"))
        .anyMatch(sentence -> sentence.contains("compute su's attention factor"));
  }

  @Test
  void hf_tableWithoutTheWindow_readsShortTextsWithTheNextLonger() throws IOException {
    Path written =
        request(table(2048, 16384), LLAMA, Format.HF, "t.json", null, null)
            .write(warnings::add)
            .file()
            .location()
            .local();

    assertThat(tree(written).at("/rope_scaling/short_factor/2").asInt()).isEqualTo(2048);
    assertThat(warnings.get(0)).contains("texts of 257 to 2,048 tokens").doesNotContain("up to 2");
  }

  @Test
  void hf_modelThatWasExtended_isExportedAgain() throws IOException {
    Path once =
        request(table(256, 2048), LLAMA, Format.HF, "once", null, null)
            .write(warnings::add)
            .file()
            .location()
            .local();

    Path again =
        request(
                table(256, 512, 16384),
                Files.readString(once),
                Format.HF,
                "again",
                null,
                AttentionFactor.NONE)
            .write(warnings::add)
            .file()
            .location()
            .local();

    JsonNode json = tree(again);
    assertThat(json.get("original_max_position_embeddings").asInt()).isEqualTo(256);
    assertThat(json.get("max_position_embeddings").asInt()).isEqualTo(16384);
    assertThat(json.at("/rope_parameters/rope_theta").asDouble()).isEqualTo(500_000);
    assertThat(json.at("/longrope/table")).hasSize(3);
    assertThat(
            FactorFile.read(again, warnings::add).sets().stream()
                .map(named -> named.set().attentionFactor()))
        .containsExactly(1.0, 1.0, 1.0);
  }

  @Test
  void hf_phi3Table_keepsAllInRopeParameters() throws IOException {
    Path written =
        request(table(256, 2048), PHI3, Format.HF, "phi.json", null, null)
            .write(warnings::add)
            .file()
            .location()
            .local();

    assertThat(tree(written).get("rope_scaling")).hasSize(3);
    assertThat(tree(written).at("/rope_scaling/short_factor/2").asInt()).isEqualTo(256);
    assertThat(tree(written).at("/rope_parameters/short_mscale").asDouble()).isEqualTo(1);
    assertThat(FactorFile.read(written, warnings::add).sets()).hasSize(2);
  }

  @Test
  void hf_setOfTheWindowAlone_isReadWithinTheWindow() throws IOException {
    Path written =
        request(table(256), LLAMA, Format.HF, "w.json", null, null)
            .write(warnings::add)
            .file()
            .location()
            .local();

    assertThat(tree(written).at("/rope_scaling/short_factor/2").asInt()).isEqualTo(256);
  }

  @Test
  void table_ofUnfitSets_isRejectedInOneSentence() {
    FactorFile two = table(256, 2048);
    FactorSet otherWindow =
        FactorSet.of(
            new Rescaling(RescaleFactors.of(1, 1, 1), 0, 1),
            new RopeGeometry(6, 10_000, 512),
            4096,
            null);

    assertRefused(request(two, null, Format.CSV, "x.csv", null, null), "they are 2 sets");
    assertRefused(request(two, LLAMA, Format.HF, "x", 2048, null), "--target-length is one length");
    assertRefused(
        request(
            FactorFile.join(List.of(two, FactorFile.of("other", otherWindow))),
            LLAMA,
            Format.HF,
            "x",
            null,
            null),
        "f256 extends a window of 256 tokens and other one of 512");
    assertThatThrownBy(() -> FactorFile.join(List.of(two, two)))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("f256 and f256 are both for 256 tokens");
    assertThat(folder.resolve("x")).doesNotExist();
    assertThat(folder.resolve("x.csv")).doesNotExist();
  }

  @Test
  void csv_foundSet_isOneRowAndWarnsOfLosses() throws IOException {
    Path written = export(found(4, 1.25), null, Format.CSV, "f.csv");

    assertThat(Files.readString(written)).isEqualTo("1,1.5,8\n");
    assertThat(warnings).hasSize(2);
  }

  @Test
  void gguf_mistral_readsBackByTheFormatsOwnRules() throws IOException {
    Path written = export(found(4, 1.25), MISTRAL, Format.GGUF, "f.gguf");

    Gguf gguf = Gguf.read(Files.readAllBytes(written));

    assertThat(gguf.metadata)
        .containsEntry("general.architecture", "llama")
        .containsEntry("general.alignment", 32)
        .containsEntry("llama.rope.scaling.type", "longrope")
        .containsEntry("llama.rope.scaling.original_context_length", 256)
        .containsEntry("llama.rope.scaling.attn_factor", 1.25f)
        .containsEntry("llama.rope.dimension_count", 6)
        .containsEntry("llama.context_length", 2048)
        .containsEntry("longrope.start_tokens", 4)
        // llama.cpp would interpolate a second time.
        .doesNotContainKey("llama.rope.scaling.factor");
    assertThat(gguf.tensors.keySet())
        .containsExactly("rope_factors_long.weight", "rope_factors_short.weight");
    assertThat(gguf.tensors.get("rope_factors_long.weight")).containsExactly(1, 1.5f, 8);
    assertThat(gguf.tensors.get("rope_factors_short.weight")).containsExactly(1, 1, 1);
  }

  @Test
  void gguf_table_keepsTheOtherSetsUnderOurOwnKeys() throws IOException {
    FactorFile table = table(256, 512, 16384);

    Path written =
        request(table, LLAMA, Format.GGUF, "f.gguf", null, null)
            .write(warnings::add)
            .file()
            .location()
            .local();

    Gguf gguf = Gguf.read(Files.readAllBytes(written));
    assertThat(gguf.tensors.get("rope_factors_long.weight")).containsExactly(1, 1.5f, 16384);
    assertThat(gguf.tensors.get("rope_factors_short.weight")).containsExactly(1, 1.5f, 256);
    assertThat(gguf.metadata)
        .containsEntry("llama.context_length", 16384)
        .containsEntry("llama.rope.scaling.attn_factor", (float) su(16384))
        .containsEntry("longrope.start_tokens", 128)
        .containsEntry("longrope.table.lengths", List.of(256, 512, 16384))
        .containsEntry("longrope.table.start_tokens", List.of(0, 4, 128))
        .containsEntry("longrope.table.attention_factors", List.of(1.0, su(512), su(16384)))
        .containsEntry(
            "longrope.table.rescale_factors",
            List.of(1.0, 1.5, 256.0, 1.0, 1.5, 512.0, 1.0, 1.5, 16384.0));
    assertThat(warnings).hasSize(4);
    assertThat(warnings.get(0)).startsWith("llama.cpp has one set up to").contains("257 to 512");
    assertThat(warnings.get(1)).startsWith("llama.cpp has one attention factor");
    assertThat(warnings.get(2)).contains("(-c) is above 256");
  }

  @Test
  void su_forTheTest_isTheFormula() {
    assertThat(su()).isCloseTo(Math.sqrt(1 + Math.log(8) / Math.log(256)), within(1e-12));
  }

  private static double su() {
    return su(2048);
  }

  private static double su(int targetLength) {
    return AttentionFactor.SU.value(new RopeGeometry(6, 10_000, 256), targetLength);
  }

  /** Sets that tell their length by their last factor, with su and some start tokens. */
  private static FactorFile table(int... lengths) {
    return new FactorFile(
        Arrays.stream(lengths)
            .mapToObj(
                length ->
                    new FactorFile.Named(
                        "f" + length,
                        new FactorSet(
                            RescaleFactors.of(1, 1.5, length),
                            length <= 256 ? 0 : length / 128,
                            su(length),
                            length / 256.0,
                            256,
                            null,
                            null,
                            new ObjectMapper().createObjectNode().put("seed", length))))
            .toList());
  }

  private static JsonNode without(JsonNode object, String key) {
    return ((ObjectNode) object.deepCopy()).without(key);
  }

  private static FactorSet found(int startTokens, double attentionFactor) {
    return FactorSet.of(
        new Rescaling(RescaleFactors.of(1, 1.5, 8), startTokens, attentionFactor),
        new RopeGeometry(6, 10_000, 256),
        2048,
        null);
  }

  private Path export(FactorSet set, @Nullable String config, Format format, String output) {
    return request(set, config, format, output, null, null)
        .write(warnings::add)
        .file()
        .location()
        .local();
  }

  private FactorExport request(
      FactorSet set,
      @Nullable String config,
      Format format,
      String output,
      @Nullable Integer targetLength,
      @Nullable AttentionFactor attentionFactor) {
    return request(FactorFile.of("f", set), config, format, output, targetLength, attentionFactor);
  }

  private FactorExport request(
      FactorFile sets,
      @Nullable String config,
      Format format,
      String output,
      @Nullable Integer targetLength,
      @Nullable AttentionFactor attentionFactor) {
    Path model = null;
    if (config != null) {
      try {
        model = Files.createDirectories(folder.resolve("model"));
        Files.writeString(model.resolve("config.json"), config);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
    return new FactorExport(
        sets,
        model == null ? null : StoredFile.of(model),
        format,
        StoredFile.of(folder.resolve(output)),
        targetLength,
        attentionFactor,
        null,
        FactorExport.Contents.COPIES,
        false);
  }

  private void assertRefused(FactorExport export, String why) {
    assertThatThrownBy(() -> export.write(warnings::add))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(why);
  }

  private static JsonNode tree(Path file) throws IOException {
    return new ObjectMapper().readTree(Files.readString(file));
  }

  /** A reader that shares nothing with the writer: straight from ggml's docs/gguf.md. */
  private record Gguf(Map<String, Object> metadata, Map<String, float[]> tensors) {
    static Gguf read(byte[] bytes) {
      ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(in.getInt()).as("magic").isEqualTo(0x46554747);
      assertThat(in.getInt()).as("version").isEqualTo(3);
      long tensorCount = in.getLong();
      long keyCount = in.getLong();
      Map<String, Object> metadata = new LinkedHashMap<>();
      for (long k = 0; k < keyCount; k++) {
        String key = string(in);
        int type = in.getInt();
        metadata.put(
            key,
            switch (type) {
              case 4 -> in.getInt();
              case 6 -> in.getFloat();
              case 8 -> string(in);
              case 9 -> array(in);
              default -> throw new AssertionError("type " + type + " of " + key);
            });
      }
      Map<String, long[]> described = new LinkedHashMap<>();
      for (long t = 0; t < tensorCount; t++) {
        String name = string(in);
        assertThat(in.getInt()).as("dimensions").isEqualTo(1);
        long size = in.getLong();
        assertThat(in.getInt()).as("F32").isZero();
        described.put(name, new long[] {size, in.getLong()});
      }
      int data = (in.position() + 31) / 32 * 32;
      Map<String, float[]> tensors = new LinkedHashMap<>();
      described.forEach(
          (name, place) -> {
            assertThat(place[1] % 32).as("alignment of " + name).isZero();
            float[] values = new float[(int) place[0]];
            in.position(data + (int) place[1])
                .slice()
                .order(in.order())
                .asFloatBuffer()
                .get(values);
            tensors.put(name, values);
          });
      assertThat(bytes.length % 32).as("padding at the end").isZero();
      return new Gguf(metadata, tensors);
    }

    private static List<Object> array(ByteBuffer in) {
      int type = in.getInt();
      List<Object> values = new ArrayList<>();
      for (long n = in.getLong(); n > 0; n--) {
        values.add(
            switch (type) {
              case 4 -> in.getInt();
              case 12 -> in.getDouble();
              default -> throw new AssertionError("elements of type " + type);
            });
      }
      return values;
    }

    private static String string(ByteBuffer in) {
      byte[] bytes = new byte[(int) in.getLong()];
      in.get(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
