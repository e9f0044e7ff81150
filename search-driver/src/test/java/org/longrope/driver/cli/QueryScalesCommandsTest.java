package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.measure.benchmark.BenchmarkFixtures;
import org.longrope.driver.run.Runs;
import org.longrope.eval.checkpoint.SafetensorsFile;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/** Every command that reads --factors, with query scales in them and without. */
@Tag("numeric")
class QueryScalesCommandsTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final int LENGTH = 128;
  private static final String WITHOUT = "--without-query-scales";

  @TempDir static Path directory;
  private static Path factors;

  @BeforeAll
  static void writeFactors() {
    factors = write("factors.json", 2, 4);
  }

  private static Path write(String name, int layers, int heads) {
    QueryScales shape = QueryScales.ones(layers, heads, TinyWorld.PAIRS);
    double[] psi = new double[shape.size()];
    Arrays.setAll(psi, i -> 0.5 * Math.sin(1 + i));
    Rescaling found =
        new Rescaling(RescaleFactors.of(1, 1.5, 2, 4), 0, 1.1).withQueryScales(shape.withLogs(psi));
    RopeGeometry rope = new RopeGeometry(8, 10_000, TinyWorld.WINDOW);
    Path file = directory.resolve(name);
    FactorFile.write(file, FactorSet.of(found, rope, LENGTH, null));
    return file;
  }

  private static Captured run(Object... words) {
    return Captured.run(words);
  }

  private static Captured succeed(Object... words) {
    Captured run = run(words);
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  private static String refused(Object... words) {
    Captured run = run(words);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.errors()).as(run.err()).hasSize(1);
    return run.err();
  }

  private static JsonNode perplexity(Path model, Object... words) {
    Path json = directory.resolve("perplexity.json");
    List<Object> all = new ArrayList<>(List.of("perplexity", "--model", model));
    all.addAll(List.of("--data", WORLD.data(), "--length", LENGTH, "--threads", 1, "--json", json));
    all.addAll(Arrays.asList(words));
    succeed(all.toArray());
    return Runs.json(json).at("/results/0");
  }

  private static double nll(Path model, Object... words) {
    JsonNode result = perplexity(model, words);
    return result.path("nll").asDouble() / result.path("tokens").asDouble();
  }

  @Test
  void perplexity_withScales_isAnotherAndNamesThem() {
    JsonNode with = perplexity(WORLD.model(), "--factors", factors);
    JsonNode without = perplexity(WORLD.model(), "--factors", factors, WITHOUT);

    assertThat(with.path("nll").asDouble() - without.path("nll").asDouble())
        .isNotCloseTo(0, within(1.0));
    assertThat(with.at("/query_scales/heads").asInt()).isEqualTo(4);
    assertThat(with.at("/query_scales/sha256").asText()).hasSize(64);
    assertThat(with.at("/query_scales/rms_log").asDouble()).isCloseTo(0.354, within(0.03));
    assertThat(without.has("query_scales")).isFalse();
  }

  @Test
  void export_hf_isReadAsTheModelWithScales() throws IOException {
    Path output = directory.resolve("exported");
    double expected = nll(WORLD.model(), "--factors", factors);

    Captured run = export("hf", output, "--link");

    assertThat(run.out())
        .contains("Folded the query scales into 2 tensors (F32): rounding to that type changes a");
    assertThat(nll(output)).isCloseTo(expected, within(1e-5));
    assertThat(
            Runs.json(output.resolve("config.json"))
                .at("/longrope/folded_query_scales/pairs")
                .asInt())
        .isEqualTo(TinyWorld.PAIRS);
    byte[] weights = Files.readAllBytes(output.resolve("model.safetensors"));
    assertThat(WORLD.model().resolve("model.safetensors")).isRegularFile();
    assertThat(weights)
        .isNotEqualTo(Files.readAllBytes(WORLD.model().resolve("model.safetensors")));
    // What was exported can be exported again, but not with scales on top.
    export("hf", output, "--link");
    assertThat(
            refused(
                "perplexity",
                "--model",
                output,
                "--factors",
                factors,
                "--length",
                LENGTH,
                "--data",
                WORLD.data()))
        .contains("contain query scales (longrope.folded_query_scales)");
    assertThat(refused(words("hf", directory.resolve("again"), output)))
        .contains("would be applied on top of them: expected the original model");
    assertThat(
            refused(
                "export",
                "--format",
                "hf",
                "--model",
                WORLD.model(),
                "--output",
                output,
                "--factors",
                factors,
                WITHOUT))
        .contains("exists and has other content");
  }

  @Test
  void export_formatsWithoutAPlaceForScales_refuseThem() {
    assertThat(refused(words("csv", directory.resolve("f.csv"), WORLD.model())))
        .contains("a CSV row has no place for query scales; take hf, or leave the scales out");
    assertThat(refused(words("gguf", directory.resolve("f.gguf"), WORLD.model())))
        .contains("query scales belong in the model's weights (--gguf MODEL.gguf); take hf");
    assertThat(refused(with(words("hf", directory.resolve("c"), WORLD.model()), "--gguf", "m")))
        .contains("--gguf is given with --format hf: expected --format gguf, or no --gguf");
    Path missing = directory.resolve("missing.gguf");
    assertThat(
            refused(
                with(words("gguf", directory.resolve("c.gguf"), WORLD.model()), "--gguf", missing)))
        .contains(missing + ": no such file; check the path (--gguf)");
    export("csv", directory.resolve("f.csv"), WITHOUT);
    Captured config = export("hf", directory.resolve("c.json"));
    assertThat(config.err()).contains("config.json has no place for query scales");
    assertThat(Runs.json(directory.resolve("c.json")).at("/longrope/query_scales").isMissingNode())
        .isTrue();
  }

  @Test
  void export_peft_isAnAdapterOfTheQueryProjections() {
    Path output = directory.resolve("adapter");

    Captured run = export("peft", output);

    assertThat(run.out()).contains("the factors belong in the config.json of its base model");
    JsonNode config = Runs.json(output.resolve("adapter_config.json"));
    assertThat(config.path("peft_type").asText()).isEqualTo("IA3");
    assertThat(config.path("target_modules").toString()).isEqualTo("[\"q_proj\"]");
    assertThat(config.path("feedforward_modules")).isEmpty();
    SafetensorsFile weights = SafetensorsFile.open(output.resolve("adapter_model.safetensors"));
    assertThat(weights.names())
        .containsExactly(
            "base_model.model.model.layers.0.self_attn.q_proj.ia3_l",
            "base_model.model.model.layers.1.self_attn.q_proj.ia3_l");
    assertThat(weights.view("base_model.model.model.layers.1.self_attn.q_proj.ia3_l").shape())
        .containsExactly(32L, 1L);
    assertThat(refused(words("peft", output, WORLD.model()))).contains("is not empty");
  }

  @Test
  void scalesOfAnotherModel_areRefused() {
    Path other = write("other.json", 3, 1);

    assertThat(
            refused(
                "perplexity",
                "--model",
                WORLD.model(),
                "--factors",
                other,
                "--length",
                64,
                "--data",
                WORLD.data()))
        .contains("the file has 3 layers of 1 heads, the model 2 layers of 4 query heads");
  }

  @Test
  void passkeyAndBenchmark_withScales_giveOtherNumbers() throws IOException {
    Path model = TinyWorld.textModel(directory.resolve("text"), 3);
    Path json = directory.resolve("out.json");
    Object[] passkey = {
      "passkey",
      "--model",
      model,
      "--length",
      512,
      "--depths",
      1,
      "--trials",
      1,
      "--needle",
      "--threads",
      1,
      "--json",
      json,
      "--factors",
      factors
    };
    succeed(passkey);
    JsonNode with = Runs.json(json);
    succeed(with(passkey, WITHOUT));
    JsonNode without = Runs.json(json);
    assertThat(with.at("/trials/0/key_nll").asDouble())
        .isNotCloseTo(without.at("/trials/0/key_nll").asDouble(), within(1e-3));
    assertThat(with.at("/results/0/query_scales/layers").asInt()).isEqualTo(2);

    Path items = directory.resolve("items.jsonl");
    Object[] benchmark = {
      "benchmark",
      "--model",
      model,
      "--benchmarks",
      BenchmarkFixtures.all(directory.resolve("benchmarks")),
      "--tasks",
      "truthfulqa_mc2",
      "--target-length",
      2048,
      "--threads",
      1,
      "--items",
      items,
      "--json",
      json,
      "--factors",
      factors
    };
    succeed(benchmark);
    String answers = Files.readString(items);
    assertThat(Runs.json(json).at("/provenance/factors/0/query_scales/heads").asInt()).isEqualTo(4);
    succeed(with(benchmark, WITHOUT));
    assertThat(Files.readString(items)).isNotEqualTo(answers);
  }

  @Test
  void finetune_withScales_trainsWithThemAndFoldsThem() throws IOException {
    Path output = directory.resolve("tuned");
    Object[] words = {
      "finetune",
      "--model",
      WORLD.model(),
      "--data",
      WORLD.data(),
      "--batch-size",
      2,
      "--warmup-steps",
      1,
      "--learning-rate",
      "1e-12",
      "--threads",
      1,
      "--length",
      LENGTH,
      "--factors",
      factors,
      "--steps",
      2,
      "--output"
    };
    succeed(with(words, output));
    Path without = directory.resolve("tuned-without");
    succeed(with(words, without, WITHOUT));

    assertThat(loss(output)).isNotCloseTo(loss(without), within(1e-3));
    double expected = nll(WORLD.model(), "--factors", factors);
    assertThat(nll(output)).isCloseTo(expected, within(1e-5));
    // The factors of the trained model are without scales, which its weights contain.
    assertThat(nll(output, "--factors", output.resolve("factors.json")))
        .isCloseTo(expected, within(1e-5));
    assertThat(
            Runs.json(output.resolve("training.json")).at("/schedule/0/query_scales/pairs").asInt())
        .isEqualTo(TinyWorld.PAIRS);
    assertThat(refused(with(words, directory.resolve("lora"), "--lora-rank", 2, "--adapter")))
        .contains("--adapter is given, and query scales go into the weights");
  }

  private static double loss(Path training) throws IOException {
    return Double.parseDouble(
        Files.readAllLines(training.resolve("training.csv")).get(0).split(",")[1]);
  }

  private static Captured export(String format, Path output, Object... more) {
    return succeed(with(words(format, output, WORLD.model()), more));
  }

  private static Object[] words(String format, Path output, Path model) {
    return new Object[] {
      "export", "--format", format, "--model", model, "--factors", factors, "--output", output
    };
  }

  private static Object[] with(Object[] words, Object... more) {
    List<Object> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }
}
