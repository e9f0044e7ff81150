package org.longrope.driver.factors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.factors.FactorExport.Format;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.SafetensorsFile;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

class PeftExportTest {
  private static final RopeGeometry ROPE = new RopeGeometry(8, 10_000, 256);

  /** Shape of a model whose type is put in. */
  private static final String SHAPE =
      "{\"model_type\": \"%s\", \"hidden_size\": 32, \"intermediate_size\": 48,"
          + " \"num_hidden_layers\": 2, \"num_attention_heads\": 4, \"num_key_value_heads\": 2,"
          + " \"head_dim\": 8, \"vocab_size\": 64, \"max_position_embeddings\": 256,"
          + " \"rms_norm_eps\": 1e-6, \"rope_theta\": 10000.0}";

  @TempDir Path folder;

  @Test
  void fusedProjection_hasOnesForKeysAndValues() throws IOException {
    QueryScales scales = QueryScales.of(1, 1, 4, new double[] {2, 0.5, 1, 1});

    export(model("phi3"), FactorFile.of("f", set(scales, 2048)), Format.PEFT);

    assertThat(Files.readString(folder.resolve("out/adapter_config.json")))
        .contains("\"target_modules\" : [ \"qkv_proj\" ]");
    SafetensorsFile file = SafetensorsFile.open(folder.resolve("out/adapter_model.safetensors"));
    ByteBuffer bytes =
        file.view("base_model.model.model.layers.0.self_attn.qkv_proj.ia3_l").rows(0, 64);
    List<Float> factors = new ArrayList<>();
    while (bytes.hasRemaining()) {
      factors.add(bytes.getFloat());
    }
    float two = (float) scales.scale(0, 0, 0);
    float half = (float) scales.scale(0, 0, 1);
    assertThat(factors.subList(0, 8)).containsExactly(two, half, 1f, 1f, two, half, 1f, 1f);
    assertThat(factors.subList(24, 32)).isEqualTo(factors.subList(0, 8));
    assertThat(factors.subList(32, 64)).containsOnly(1f);
  }

  @Test
  void modelsAndFactorsWithoutAnAdapter_areRefusedWithWhatWorksInstead() throws IOException {
    QueryScales scales = QueryScales.ones(1, 1, 4);
    FactorFile factors = FactorFile.of("f", set(scales, 2048));

    assertRefused(
        model("qwen3"),
        factors,
        Format.PEFT,
        "a qwen3: they belong in its norm of queries, which (IA)³ cannot multiply; take --format"
            + " hf");
    assertRefused(
        model("llama"), factors.withoutQueryScales(), Format.PEFT, "it has no query scales");
    assertRefused(
        model("qwen3"),
        FactorFile.of("f", set(QueryScales.ones(1, 4, 4), 2048)),
        Format.PEFT,
        "its heads share one norm of queries; expected scales of 1 head");
    StoredFile nested = model("llama");
    String text = Files.readString(folder.resolve("llama/config.json"));
    Files.writeString(
        folder.resolve("llama/config.json"),
        "{\"model_type\": \"mistral3\", \"text_config\": "
            + text.replace("llama", "mistral")
            + "}");
    assertRefused(nested, factors, Format.PEFT, "a part of a larger model (text_config)");
  }

  @Test
  void tableOfDifferentScales_isRefused() throws IOException {
    FactorFile table =
        FactorFile.join(
            List.of(
                FactorFile.of("a", set(QueryScales.NONE, 1024)),
                FactorFile.of("b", set(QueryScales.ones(1, 1, 4), 2048))));

    assertRefused(
        model("llama"), table, Format.HF, "their query scales differ, and the model's weights");
  }

  private static FactorSet set(QueryScales scales, int target) {
    Rescaling found = new Rescaling(RescaleFactors.uniform(4, 2), 0, 1.1, scales);
    return FactorSet.of(found, ROPE, target, null);
  }

  private StoredFile model(String type) throws IOException {
    Path model = Files.createDirectories(folder.resolve(type));
    Files.writeString(model.resolve("config.json"), SHAPE.formatted(type));
    return StoredFile.of(model);
  }

  private void assertRefused(StoredFile model, FactorFile factors, Format format, String why) {
    assertThatThrownBy(() -> export(model, factors, format))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(why);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  private void export(StoredFile model, FactorFile factors, Format format) {
    new FactorExport(
            factors,
            model,
            format,
            StoredFile.of(folder.resolve("out")),
            null,
            null,
            null,
            FactorExport.Contents.COPIES,
            false)
        .write(warning -> {});
  }
}
