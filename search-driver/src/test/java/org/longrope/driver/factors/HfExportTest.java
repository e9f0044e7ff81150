package org.longrope.driver.factors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.RescaleFactors;

/** A config.json as transformers reads it. */
class HfExportTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private final List<String> warnings = new ArrayList<>();

  @Test
  void provenance_ofAnOlderFile_hasNoListUnderAKeyThatTransformersReads() throws IOException {
    JsonNode older =
        JSON.readTree(
            """
            {"dtype": ["bf16", "f32"], "deep": [{"torch_dtype": null}], "seed": 1,
             "settings": {"model": "/home/me/models/llama/", "data": "s3a://bucket/books",
               "start-from": [{"file": "/home/me/8k.json"}], "objective": "perplexity"}}
            """);
    FactorSet set = set(2048, 8, null, older);

    String file = FactorFile.print(set);
    JsonNode config =
        config("llama", "", FactorFile.join(List.of(one(set(512, 2)), one(set))), null);

    for (JsonNode written :
        List.of(
            JSON.readTree(file).at("/longrope/provenance"),
            config.at("/longrope/provenance"),
            config.at("/longrope/table/1/longrope/provenance"))) {
      assertThat(written)
          .isEqualTo(
              JSON.readTree(
                  """
                  {"compute_dtypes": ["bf16", "f32"], "deep": [{"compute_dtypes": null}], "seed": 1,
                   "settings": {"model": "llama", "data": "books",
                     "start-from": [{"file": "8k.json"}], "objective": "perplexity"}}
                  """));
    }
  }

  @Test
  void pathOfAnotherHost_inTheModelsConfig_isNotPublished() throws IOException {
    assertThat(
            config("llama", ", \"_name_or_path\": \"/home/me/llama\"", one(2048, 8), null)
                .has("_name_or_path"))
        .isFalse();
    assertThat(
            config("llama", ", \"_name_or_path\": \"meta/llama\"", one(2048, 8), null)
                .get("_name_or_path")
                .asText())
        .isEqualTo("meta/llama");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ", \"head_dim\": null", ", \"head_dim\": 6"})
  void headDimension_absent_isWritten(String field) throws IOException {
    assertThat(config("mistral", field, one(2048, 8), null).get("head_dim").asInt()).isEqualTo(6);
  }

  @Test
  void shortFactors_byDefault_areOnesOrThoseFound() throws IOException {
    assertThat(shortFactors("llama", "", one(2048, 8), null)).isEqualTo("[1.0,1.0,1.0]");
    assertThat(shortFactors("llama", "", table(), null)).isEqualTo("[1.0,1.0,1.5]");
    assertThat(warnings)
        .filteredOn(sentence -> sentence.contains("--short-factors long"))
        .hasSize(2)
        .allMatch(sentence -> sentence.contains("from below to above 256 tokens goes wrong"));
  }

  @Test
  void shortFactorsLong_areTheLongOnesWithTheirAttentionFactor() throws IOException {
    JsonNode rope = config("llama", "", table(), ShortFactors.LONG).get("rope_scaling");

    assertThat(rope.get("short_factor")).isEqualTo(rope.get("long_factor"));
    assertThat(rope.get("short_mscale")).isEqualTo(rope.get("long_mscale"));
    assertThat(warnings)
        .satisfiesExactly(
            sets ->
                assertThat(sets)
                    .isEqualTo(
                        "transformers reads texts of all lengths with the factors for 2,048 tokens:"
                            + " factors of their own for 256 are lost to it."),
            su -> assertThat(su).contains("TensorRT-LLM and mlx-lm compute su's"));
  }

  @Test
  void shortFactorsOriginal_ofATable_areOnes() throws IOException {
    assertThat(shortFactors("llama", "", table(), ShortFactors.ORIGINAL))
        .isEqualTo("[1.0,1.0,1.0]");
    assertThat(warnings.get(0))
        .contains("texts of up to 256 tokens are read with the original factors")
        .contains("for 256 are lost");
  }

  @Test
  void shortFactorsOriginal_ofAModelThatHasSome_areTheModels() throws IOException {
    String own =
        ", \"rope_scaling\": {\"type\": \"longrope\", \"short_factor\": [1, 1.1, 1.2],"
            + " \"long_factor\": [1, 2, 4]}, \"original_max_position_embeddings\": 256";
    assertThat(shortFactors("phi3", own, one(2048, 8), null)).isEqualTo("[1.0,1.1,1.2]");
    assertThat(warnings).noneMatch(sentence -> sentence.contains("--short-factors"));
    // What an export by --short-factors long wrote is not what the model was trained with.
    String asLong = own.replace("[1, 1.1, 1.2]", "[1, 2, 4]");
    assertThat(shortFactors("llama", asLong, one(2048, 8), null)).isEqualTo("[1.0,1.0,1.0]");
  }

  @Test
  void shortFactorsFound_withoutASetForTheWindow_isRejected() {
    assertThatThrownBy(() -> config("llama", "", one(2048, 8), ShortFactors.FOUND))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("--short-factors found needs a set for the original window of 256");
    assertThatThrownBy(() -> ShortFactors.parse("ones"))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected long, original or found");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "mistral | 4096  | none   | {\"sliding_window\":null}",
        "mistral | 4096  | 512    | {\"sliding_window\":512}",
        "mistral | -     | none   | {\"sliding_window\":null}",
        "mistral | 4096  | config | {\"sliding_window\":4096}",
        "mistral | 4096  | -      | {\"sliding_window\":4096}",
        "phi3    | 2047  | none   | {\"sliding_window\":null}",
        "qwen2   | 4096  | none   | {\"sliding_window\":null,\"use_sliding_window\":false}",
        "qwen2   | 4096  | 512    |"
            + " {\"sliding_window\":512,\"use_sliding_window\":true,\"max_window_layers\":0}",
        "llama   | -     | none   | {}"
      })
  void attentionWindow_theFactorsWereFoundWith_isWritten(
      String type, @Nullable String before, @Nullable String window, String after)
      throws IOException {
    String fields = before == null ? "" : ", \"sliding_window\": " + before;
    FactorSet set = set(2048, 8, window == null ? null : AttentionWindow.parse(window), null);

    ObjectNode config =
        (ObjectNode) config(type, fields, FactorFile.of("f", set), ShortFactors.LONG);

    assertThat(config.retain("sliding_window", "use_sliding_window", "max_window_layers"))
        .isEqualTo(JSON.readTree(after));
    assertThat(warnings).noneMatch(sentence -> sentence.contains("window of 512"));
  }

  @Test
  void attentionWindow_ofSomeLayers_isThatOfAll() throws IOException {
    String fields =
        ", \"head_dim\": 6, \"sliding_window\": 64,"
            + " \"layer_types\": [\"full_attention\", \"sliding_attention\"]";
    FactorSet set = set(2048, 8, AttentionWindow.NONE, null);

    assertThat(config("mistral", fields, FactorFile.of("f", set), null).has("layer_types"))
        .isFalse();
    String used = fields + ", \"use_sliding_window\": true";
    assertThat(config("qwen2", used, FactorFile.of("f", set), null).has("layer_types")).isFalse();
    assertThat(config("qwen2", used, one(2048, 8), null).has("layer_types")).isTrue();
  }

  @Test
  void attentionWindow_notExpressible_isWarnedOf() throws IOException {
    FactorSet set = set(2048, 8, AttentionWindow.parse("512"), null);
    FactorFile both = FactorFile.join(List.of(one(set(512, 2)), one(set)));

    config("llama", "", FactorFile.of("f", set), null);
    assertThat(warnings).anyMatch(sentence -> sentence.contains("model_type llama has no field"));
    warnings.clear();
    config("mistral", "", both, null);
    assertThat(warnings)
        .anyMatch(
            sentence ->
                sentence.contains("512, for 2,048 tokens, is written")
                    && sentence.contains("f512 was found with config"));
    warnings.clear();
    Path model = model("mistral", "");
    new FactorExport(
            FactorFile.of("f", set),
            StoredFile.of(model),
            FactorExport.Format.GGUF,
            StoredFile.of(folder.resolve("f.gguf")),
            null,
            null,
            null,
            FactorExport.Contents.COPIES,
            false)
        .write(warnings::add);
    assertThat(warnings)
        .anyMatch(sentence -> sentence.contains("architecture llama: the window of 512 tokens"));
  }

  @Test
  void oneStartToken_isNoLoss() throws IOException {
    FactorSet set = set(2048, 8);
    for (int startTokens : new int[] {0, 1}) {
      FactorSet with = new FactorSet(set.factors(), startTokens, 1.1, 8.0, 256, null, null, null);
      config("llama", "", FactorFile.of("f", with), null);
    }
    assertThat(warnings).noneMatch(sentence -> sentence.contains("start tokens"));
    config(
        "llama",
        "",
        FactorFile.of("f", new FactorSet(set.factors(), 2, 1.1, 8.0, 256, null, null, null)),
        null);
    assertThat(warnings).anyMatch(sentence -> sentence.contains("the first 2 positions"));
  }

  private String shortFactors(
      String type, String fields, FactorFile sets, @Nullable ShortFactors choice)
      throws IOException {
    return config(type, fields, sets, choice).at("/rope_scaling/short_factor").toString();
  }

  private JsonNode config(
      String type, String fields, FactorFile sets, @Nullable ShortFactors choice)
      throws IOException {
    return new FactorExport(
            sets,
            StoredFile.of(model(type, fields)),
            FactorExport.Format.HF,
            StoredFile.of(folder),
            null,
            null,
            choice,
            FactorExport.Contents.COPIES,
            false)
        .configJson(warnings::add);
  }

  private Path model(String type, String fields) throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\": \""
            + type
            + "\", \"hidden_size\": 24, \"num_attention_heads\": 4, \"num_key_value_heads\": 4,"
            + " \"num_hidden_layers\": 2, \"intermediate_size\": 32, \"vocab_size\": 100,"
            + " \"max_position_embeddings\": 256"
            + fields
            + "}");
    return folder;
  }

  /** Sets for the window and for eight times the window. */
  private static FactorFile table() {
    return FactorFile.join(List.of(one(set(256, 1.5)), one(set(2048, 8))));
  }

  private static FactorFile one(int length, double last) {
    return one(set(length, last));
  }

  private static FactorFile one(FactorSet set) {
    return FactorFile.of("f" + set.targetLength(), set);
  }

  private static FactorSet set(int length, double last) {
    return set(length, last, null, null);
  }

  private static FactorSet set(
      int length, double last, @Nullable AttentionWindow window, @Nullable JsonNode provenance) {
    return new FactorSet(
        RescaleFactors.of(1, 1, last), 0, 1.1, length / 256.0, 256, null, window, provenance);
  }
}
