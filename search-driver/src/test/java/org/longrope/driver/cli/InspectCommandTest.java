package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.driver.Captured;
import org.longrope.driver.Shapes;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.worker.RemoteFiles;
import org.longrope.eval.StrictJson;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.family.LlamaShape;
import org.longrope.eval.training.InitialWeights;
import org.longrope.eval.training.StateFiles;

/** Description of models by their config.json, with their weights and without. */
class InspectCommandTest {
  private static final String SIZES =
      "\"vocab_size\": 1000, \"hidden_size\": 64, \"intermediate_size\": 96,"
          + " \"num_hidden_layers\": 4, \"num_attention_heads\": 4, \"num_key_value_heads\": 2";

  @TempDir Path directory;

  private Captured inspect(String config) throws IOException {
    Files.writeString(directory.resolve("config.json"), config);
    return Captured.run("inspect", directory);
  }

  /** Returns the values of the table by property. */
  private static Map<String, String> rows(Captured run) {
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.errors()).isEmpty();
    Map<String, String> rows = new TreeMap<>();
    run.out()
        .lines()
        .filter(line -> line.contains("  "))
        .forEach(
            line -> {
              String[] cells = line.split(" {2,}", 2);
              rows.put(cells[0], cells[1]);
            });
    return rows;
  }

  private static JsonNode json(String text) {
    return StrictJson.parseObject(text.getBytes(StandardCharsets.UTF_8), "output");
  }

  @ParameterizedTest
  @CsvSource({
    "llama-3.1-8b, 8030261248",
    "llama-3.2-1b, 1235814400",
    "llama-3.2-3b, 3212749824",
    "llama-3.3-70b, 70553706496",
    "qwen3-4b, 4022468096",
    "qwen3-8b, 8190735360",
    "mistral-nemo, 12247782400",
    "phi-4-mini, 3836021760",
    "gemma-3-4b, 3880263168",
    "olmo-3-7b, 7298011136"
  })
  void inspect_publishedShape_hasThePublishedNumberOfParameters(String name, long parameters)
      throws IOException {
    Captured run = Captured.run("inspect", Shapes.write(directory, name), "--json=-");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(json(run.out()).path("parameters").asLong()).isEqualTo(parameters);
  }

  @Test
  void inspect_llama3_showsTheBaseTableAndWhatDecidedTheOriginalWindow() throws IOException {
    Captured run = Captured.run("inspect", Shapes.write(directory, "llama-3.1-8b"));

    assertThat(rows(run))
        .containsEntry("family", "llama")
        .containsEntry("layers", "32 full_attention")
        .containsEntry("attention", "32 heads of 128, 8 key-value heads")
        .containsEntry("RoPE", "128 of 128 dimensions (i with i + d/2), base 500,000")
        .containsEntry(
            "RoPE type", "llama3: factor 8, low_freq_factor 1, high_freq_factor 4, original 8,192")
        .containsEntry("original window", "131,072 tokens, by max_position_embeddings")
        .containsEntry("weights", "14.96 GiB in bf16, 29.92 GiB in f32")
        .containsEntry(
            "keys and values",
            "128.0 MiB in bf16, 256.0 MiB in f32 for 1,024 tokens in all layers");
    assertThat(run.out().lines().reduce((a, b) -> b))
        .get()
        .asString()
        .startsWith("By config.json alone: The weights cannot be used. No model.safetensors");
  }

  @Test
  void inspect_gemma3_showsLayersByKindAndTheLocalTable() throws IOException {
    Map<String, String> rows = rows(Captured.run("inspect", Shapes.write(directory, "gemma-3-4b")));

    assertThat(rows)
        .containsEntry("family", "gemma3_text")
        .containsEntry(
            "layers", "29 sliding_attention (window 1,024), local RoPE; 5 full_attention")
        .containsEntry("RoPE type", "linear: factor 8")
        .containsEntry("local RoPE", "base 10,000, default; rescale factors leave it")
        .containsEntry("scales", "embedding times 50.5964")
        .containsEntry("query and key norms", "of each head, before RoPE")
        .containsEntry("vocabulary", "262,208 tokens, output head is the embedding");
  }

  @Test
  void inspect_longrope_showsFactorsByLengthAndTheWindowBeforeTheExtension() throws IOException {
    Map<String, String> rows = rows(Captured.run("inspect", Shapes.write(directory, "phi-4-mini")));

    assertThat(rows)
        .containsEntry("RoPE", "96 of 128 dimensions (i with i + d/2), base 10,000")
        .containsEntry(
            "RoPE type", "longrope: factors 1.00 to 1.00 up to 4,096 tokens, 1.00 to 48.00 beyond")
        .containsEntry("attention factor", "1.19024 (the model's own)")
        .containsEntry("original window", "4,096 tokens, by original_max_position_embeddings");
  }

  @Test
  void inspect_experts_countsWhatATokenUses() throws IOException {
    Map<String, String> rows =
        rows(
            inspect(
                "{\"model_type\": \"deepseek_v3\", "
                    + SIZES.replace("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 4")
                    + ", \"q_lora_rank\": null, \"kv_lora_rank\": 24, \"qk_nope_head_dim\": 12,"
                    + " \"qk_rope_head_dim\": 8, \"v_head_dim\": 20, \"n_routed_experts\": 8,"
                    + " \"num_experts_per_tok\": 2, \"n_group\": 4, \"topk_group\": 2,"
                    + " \"moe_intermediate_size\": 32, \"n_shared_experts\": 1,"
                    + " \"first_k_dense_replace\": 1}"));

    // 6 experts of three matrices of 64 × 32 in each of 3 layers are idle.
    long all = number(rows.get("parameters").split(", of")[0]);
    long used = number(rows.get("parameters").split("uses ")[1]);
    assertThat(all - used).isEqualTo(3L * 6 * 3 * 64 * 32);
    assertThat(rows)
        .containsEntry("layers", "1 full_attention, dense; 3 full_attention, experts")
        .containsEntry(
            "latent attention",
            "queries not compressed, keys and values 24; of a head 12 plain and 8 rotated")
        .containsEntry("experts", "8 of 32, 2 for a token; gated, SiLU")
        .containsEntry(
            "router", "sigmoids, groups first (2 of 4), shares divided by their sum, times 2.5")
        .containsEntry("shared expert", "32");
  }

  private static long number(String text) {
    return Long.parseLong(text.replace(",", ""));
  }

  @Test
  void inspect_capsSinksScalesAndUselessAttentionFactor_areShown() throws IOException {
    assertThat(rows(inspect("{\"model_type\": \"gemma2\", " + SIZES + ", \"head_dim\": 16}")))
        .containsEntry("score cap", "50")
        .containsEntry("logit cap", "30")
        .containsEntry("score scale", "0.0625")
        .containsEntry("layers", "2 sliding_attention (window 4,096); 2 full_attention");
    assertThat(
            rows(inspect("{\"model_type\": \"gpt_oss\", " + SIZES + ", \"num_local_experts\": 4}")))
        .containsEntry("sinks", "one number for each head")
        .containsEntry(
            "RoPE type",
            "yarn: factor 32, beta_fast 32, beta_slow 1, not truncated, original 4,096")
        .containsEntry("attention factor", "1.34657 (the model's own)")
        .containsEntry("biases", "queries, keys, values, attention's output, router, experts");
    assertThat(
            rows(
                inspect("{\"model_type\": \"hunyuan_v1_dense\", " + SIZES + ", \"head_dim\": 16}")))
        .containsEntry(
            "attention factor",
            "1 (the model's own); none matters, because norms after RoPE divide it out");
    assertThat(rows(inspect("{\"model_type\": \"cohere2\", " + SIZES + "}")))
        .containsEntry(
            "layers", "3 sliding_attention (window 4,096); 1 full_attention, without RoPE")
        .containsEntry("scales", "logits times 0.0625");
  }

  @Test
  void inspect_modelWithWeights_readsTheirNamesAndType() throws IOException {
    Path file = directory.resolve("model.json");

    Captured run = Captured.run("inspect", TinyWorld.shared().model(), "--json", file);

    assertThat(rows(run).get("weights")).endsWith("; stored in f32");
    assertThat(run.out()).doesNotContain("By config.json alone");
    JsonNode json = json(Files.readString(file));
    assertThat(json.path("stored_type").asText()).isEqualTo("F32");
    assertThat(json.path("weights_note").isNull()).isTrue();
    assertThat(json.path("original_window").asInt()).isEqualTo(TinyWorld.WINDOW);
    assertThat(json.path("original_window_source").asText()).isEqualTo("max_position_embeddings");
    assertThat(json.path("layer_kinds").path(0).path("layers").size()).isEqualTo(2);
  }

  @Test
  void inspect_weightsThatDoNotFit_describesTheConfigAndSaysSo() throws IOException {
    Path model = TinyWorld.model(directory.resolve("model"), 3);
    Path config = model.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"intermediate_size\" : 48", "\"intermediate_size\" : 64"));

    Captured run = Captured.run("inspect", model);

    assertThat(rows(run)).containsEntry("feed-forward", "64, gated, SiLU");
    assertThat(run.out()).contains("By config.json alone: The weights cannot be used. Tensor '");
    Captured refused =
        Captured.run(
            "perplexity", "--model", model, "--data", TinyWorld.shared().data(), "--length=16");
    assertThat(refused.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(refused.errors())
        .singleElement()
        .asString()
        .startsWith("longrope: Tensor '")
        .endsWith("('longrope inspect " + model + "' shows the model of config.json).");
  }

  @Test
  void inspect_tiedModelWithAnotherHead_saysThatTheHeadIsUsed() throws IOException {
    LlamaShape untied = new LlamaShape(32, 48, 1, 4, 2, 64, false, 10_000, 32);
    StateFiles.saveModel(
        directory.resolve("model.safetensors"), InitialWeights.of(untied.spec(), 1), DType.F32);

    Captured run = inspect(untied.toJson().put("tie_word_embeddings", true).toString());

    assertThat(rows(run).get("vocabulary")).endsWith("output head of its own");
    assertThat(run.out()).contains("Note: config.json ties the output head to the embedding");
  }

  @Test
  void inspect_remoteModel_readsItsConfigAlone() throws IOException {
    Path model = TinyWorld.model(directory.resolve("model"), 3);

    Captured run =
        Captured.run(
            "inspect",
            RemoteFiles.location(model),
            "--conf=spark.hadoop.fs.remote.impl=" + RemoteFiles.class.getName());

    assertThat(rows(run)).containsEntry("hidden size", "32");
    assertThat(run.out()).contains("By config.json alone: The weights are on another file system");
  }

  @Test
  void inspect_modelThatIsNotSupported_isRefusedInOneLine() throws IOException {
    assertThat(refused("{\"model_type\": \"gpt2\", " + SIZES + "}")).contains("\"gpt2\"", "llama");
    assertThat(
            refused(
                "{\"model_type\": \"llama\", "
                    + SIZES
                    + ", \"quantization_config\": {\"quant_method\": \"mxfp4\"}}"))
        .contains("quantised", "mxfp4");
    assertThat(refused("{\"model_type\": \"llama\", " + SIZES + ", \"sliding_window\": 16}"))
        .contains("sliding_window");
    Files.delete(directory.resolve("config.json"));
    Captured run = Captured.run("inspect", directory);
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.errors()).singleElement().asString().contains("No config.json in ");
  }

  private String refused(String config) throws IOException {
    Captured run = inspect(config);
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.out()).isEmpty();
    assertThat(run.errors()).hasSize(1);
    return run.err();
  }
}
