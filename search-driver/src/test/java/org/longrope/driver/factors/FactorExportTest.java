package org.longrope.driver.factors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.factors.FactorExport.Format;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

class FactorExportTest {
  private static final String LLAMA =
      """
      {"model_type": "llama", "hidden_size": 24, "num_attention_heads": 4, "rope_scaling": null,
       "max_position_embeddings": 256, "rope_theta": 500000.0, "unknown": [1, {"a": null}]}
      """;
  private static final String PHI3 =
      """
      {"model_type": "phi3", "head_dim": 8, "partial_rotary_factor": 0.75,
       "max_position_embeddings": 1024, "original_max_position_embeddings": 256,
       "rope_theta": 10000.0}
      """;
  private static final String VERSION_5 =
      """
      {"model_type": "mistral", "head_dim": 8, "max_position_embeddings": 256,
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
                "original_max_position_embeddings": 256
              },
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
                "original_max_position_embeddings": 256
              },
              "original_max_position_embeddings": 256,
              "longrope": {
                "start_tokens": 4,
                "target_length": 2048
              }
            }
            """);
    assertThat(warnings).singleElement().asString().contains("the first 4 positions");
    assertThat(FactorFiles.read(written, warnings::add)).isEqualTo(found(4, 1.25));
  }

  @Test
  void hf_phi3_hasExactlyTheThreeKeysThatItsCheckAccepts() throws IOException {
    JsonNode json = tree(export(found(0, 1.25), PHI3, Format.HF, "phi.json"));

    assertThat(json.get("rope_scaling").fieldNames())
        .toIterable()
        .containsExactly("type", "short_factor", "long_factor");
    assertThat(json.at("/rope_parameters/attention_factor").asDouble()).isEqualTo(1.25);
    assertThat(json.at("/rope_parameters/partial_rotary_factor").asDouble()).isEqualTo(0.75);
    assertThat(json.get("max_position_embeddings").asInt()).isEqualTo(2048);
    assertThat(warnings).singleElement().asString().contains("computes su").contains("1.25");
  }

  @Test
  void hf_phi3WithSu_warnsOfNothing() throws IOException {
    Path written = export(found(0, su()), PHI3, Format.HF, "phi.json");

    assertThat(warnings).isEmpty();
    assertThat(FactorFiles.read(written, warnings::add)).isEqualTo(found(0, su()));
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

    JsonNode json = tree(request(csv, LLAMA, Format.HF, "x.json", 2048, null).write(warnings::add));

    assertThat(json.at("/rope_scaling/factor").asDouble()).isEqualTo(8);
    assertThat(json.at("/rope_scaling/attention_factor").asDouble()).isEqualTo(su());
    assertThat(warnings).singleElement().asString().contains("no attention factor");
  }

  @Test
  void hf_attentionFactorGiven_winsOverTheFile() throws IOException {
    JsonNode json =
        tree(
            request(found(0, 1.25), LLAMA, Format.HF, "x.json", null, AttentionFactor.NONE)
                .write(warnings::add));

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
  void anyFormat_otherModel_isRefusedAndNothingWritten() {
    FactorSet two = FactorSet.of(RescaleFactors.of(1, 1.5));

    for (Format format : Format.values()) {
      assertRefused(
          request(two, LLAMA, format, "x", 2048, null), "has 2, the model rotates 3 pairs");
    }
    assertThat(folder.resolve("x")).doesNotExist();
  }

  @Test
  void hf_ontoTheModelsOwnConfig_isRefused() throws IOException {
    assertRefused(request(found(0, 1), LLAMA, Format.HF, "model", null, null), "the model's own");
    assertThat(Files.readString(folder.resolve("model/config.json"))).isEqualTo(LLAMA);
  }

  @Test
  void csv_found_isOneRowAndSaysWhatIsLost() throws IOException {
    Path written = export(found(4, 1.25), null, Format.CSV, "f.csv");

    assertThat(Files.readString(written)).isEqualTo("1,1.5,8\n");
    assertThat(warnings).hasSize(2);
  }

  @Test
  void gguf_mistral_readsBackByTheFormatsOwnRules() throws IOException {
    Path written = export(found(4, 1.25), VERSION_5, Format.GGUF, "f.gguf");

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
  void su_forTheTest_isTheFormula() {
    assertThat(su()).isCloseTo(Math.sqrt(1 + Math.log(8) / Math.log(256)), within(1e-15));
  }

  private static double su() {
    return AttentionFactor.SU.value(new RopeGeometry(6, 10_000, 256), 2048);
  }

  private static FactorSet found(int startTokens, double attentionFactor) {
    return FactorSet.of(
        new Rescaling(RescaleFactors.of(1, 1.5, 8), startTokens, attentionFactor),
        new RopeGeometry(6, 10_000, 256),
        2048,
        null);
  }

  private Path export(FactorSet set, @Nullable String config, Format format, String output) {
    return request(set, config, format, output, null, null).write(warnings::add);
  }

  private FactorExport request(
      FactorSet set,
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
        set, "f", model, format, folder.resolve(output), targetLength, attentionFactor);
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

    private static String string(ByteBuffer in) {
      byte[] bytes = new byte[(int) in.getLong()];
      in.get(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
