package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.run.Runs;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.SafetensorsFile;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

@Tag("numeric")
class FinetuneCommandTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir Path directory;
  private Path factors;
  private Path more;

  @BeforeEach
  void writeFactors() throws IOException {
    factors = factors("two.json", 2);
    more = factors("four.json", 4);
  }

  private Path factors(String name, double ratio) throws IOException {
    FactorSet set =
        FactorSet.of(
            new Rescaling(RescaleFactors.uniform(TinyWorld.PAIRS, ratio), 0, 1.05),
            Checkpoint.open(WORLD.model()).config().rope(),
            (int) (ratio * TinyWorld.WINDOW),
            null);
    return Files.writeString(directory.resolve(name), FactorFile.print(set));
  }

  private Captured finetune(Path output, String... words) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "finetune",
                "--data=" + WORLD.data(),
                "--output=" + output,
                "--batch-size=4",
                "--warmup-steps=2",
                "--learning-rate=1e-3",
                "--threads=1"));
    all.addAll(List.of(words));
    if (all.stream().noneMatch(word -> word.startsWith("--model="))) {
      all.add("--model=" + WORLD.model());
    }
    if (all.stream().noneMatch(word -> word.startsWith("--length="))) {
      all.add("--length=" + 2 * TinyWorld.WINDOW);
    }
    return Captured.run(all.toArray());
  }

  private static String[] schedule(Path first, int steps, Path second, int moreSteps) {
    return new String[] {
      "--factors", first.toString(), "--steps", String.valueOf(steps),
      "--factors", second.toString(), "--steps", String.valueOf(moreSteps)
    };
  }

  @Test
  void finetune_withASchedule_writesACheckpointWithTheLastFactors() throws IOException {
    Path output = directory.resolve("whole");
    Captured run = finetune(output, schedule(factors, 6, more, 6));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("Fine-tuned " + output);
    JsonNode config = Runs.json(output.resolve("config.json"));
    JsonNode scaling = config.path("rope_scaling");
    assertThat(scaling.path("rope_type").asText()).isEqualTo("longrope");
    assertThat(scaling.path("long_factor").get(0).asDouble()).isEqualTo(4);
    assertThat(Runs.json(output.resolve("factors.json")).path("factor").asDouble()).isEqualTo(4);
    assertThat(output.resolve("model.safetensors"))
        .hasSize(Files.size(WORLD.model().resolve("model.safetensors")));
    JsonNode record = Runs.json(output.resolve("training.json"));
    assertThat(record.path("schedule")).hasSize(2);
    List<String> curve = Files.readAllLines(output.resolve("training.csv"));
    assertThat(curve).hasSize(12);
    double before = Double.parseDouble(curve.get(0).split(",")[1]);
    double after = Double.parseDouble(curve.get(11).split(",")[1]);
    assertThat(after).isLessThan(before);
  }

  @Test
  void fineTunedModel_isReadWithItsOwnFactors() {
    Path output = directory.resolve("extended");
    assertThat(finetune(output, "--factors=" + more, "--steps=3").exitCode()).isZero();
    Path json = directory.resolve("own.json");
    Captured own = perplexity(output, json);
    assertThat(own.exitCode()).as(own.err()).isZero();
    JsonNode results = Runs.json(json).path("results");
    assertThat(results.get(0).path("rescale_factors").get(0).asDouble()).isEqualTo(1);
    assertThat(results.get(1).path("rescale_factors").get(0).asDouble()).isEqualTo(4);
    for (JsonNode result : results) {
      assertThat(result.path("attention_factor").asDouble()).isEqualTo(1.05);
    }
    Captured given = perplexity(output, json, "--factors=" + more);
    assertThat(given.exitCode()).as(given.err()).isZero();
    assertThat(Runs.json(json).at("/results/1/nll")).isEqualTo(results.get(1).path("nll"));
  }

  /** The trained model's config.json and its factors.json both hold the base's rope type too. */
  @Test
  void fineTunedModel_ofABaseWithARopeType_isReadAlikeWithItsFactorFile() throws IOException {
    Path base = Files.createDirectory(directory.resolve("base"));
    Files.copy(WORLD.model().resolve("model.safetensors"), base.resolve("model.safetensors"));
    ObjectNode config = (ObjectNode) Runs.json(WORLD.model().resolve("config.json"));
    config.putObject("rope_scaling").put("rope_type", "linear").put("factor", 2.0);
    Files.writeString(base.resolve("config.json"), config.toString());
    Path output = directory.resolve("of-linear");
    Captured run = finetune(output, "--model=" + base, "--factors=" + more, "--steps=3");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode scaling = Runs.json(output.resolve("config.json")).path("rope_scaling");
    assertThat(scaling.path("long_factor").get(0).asDouble()).isEqualTo(8);
    Path json = directory.resolve("own.json");
    assertThat(perplexity(output, json).exitCode()).isZero();
    JsonNode own = Runs.json(json).at("/results/1/nll");
    Captured given = perplexity(output, json, "--factors=" + output.resolve("factors.json"));
    assertThat(given.exitCode()).as(given.err()).isZero();
    assertThat(Runs.json(json).at("/results/1/nll")).isEqualTo(own);
  }

  /** A second search begins where the first extension ended, and its factors multiply the first. */
  @ParameterizedTest
  @ValueSource(strings = {"genetic", "gradient"})
  void fineTunedModel_searchedAgain_isExtendedFurther(String strategy) {
    Path extended = directory.resolve("extended");
    assertThat(finetune(extended, "--factors=" + more, "--steps=3").exitCode()).isZero();
    Path run = directory.resolve("run");
    Captured search = search(strategy, extended, run, "--target-length=192");
    assertThat(search.exitCode()).as(search.err()).isZero();
    // Without a second rescaling the model is read as it was fine-tuned; PI is 1.5 on top of 4.
    assertThat(search.out())
        .containsPattern("none +4\\.00 ")
        .containsPattern("pi +6\\.00 ")
        .containsPattern("ntk from 32 +1\\.00 to 6\\.00 ");
    JsonNode found = Runs.json(run.resolve("factors.json"));
    assertThat(found.path("factor").asDouble()).isEqualTo(6);
    assertThat(found.at("/longrope/target_length").asInt()).isEqualTo(192);
    for (JsonNode factor : found.path("long_factor")) {
      assertThat(factor.asDouble()).isBetween(4.0, 4 * 1.25 * 1.5);
    }
    Captured resumed = Captured.run("resume", run, "--master=local[1]");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    Captured tooShort =
        search(strategy, extended, directory.resolve("short"), "--target-length=128");
    assertThat(tooShort.errors())
        .singleElement()
        .asString()
        .contains("--target-length 128 is not beyond the model's present length of 128 tokens");
  }

  /** The recovery of an extended model's strength at the lengths that it read before. */
  @ParameterizedTest
  @ValueSource(strings = {"genetic", "gradient"})
  void fineTunedModel_searchedForItsOwnWindow_findsFactorsUpToMaxFactor(String strategy) {
    Path extended = directory.resolve("extended");
    assertThat(finetune(extended, "--factors=" + more, "--steps=3").exitCode()).isZero();
    Path run = directory.resolve("run");
    Captured search = search(strategy, extended, run, "--target-length=32", "--max-factor=1.5");
    assertThat(search.exitCode()).as(search.err()).isZero();
    assertThat(search.out())
        .containsPattern("none +1\\.00 ")
        .containsPattern("as extended +4\\.00 ")
        .doesNotContain("yarn");
    JsonNode found = Runs.json(run.resolve("factors.json"));
    for (JsonNode factor : found.path("long_factor")) {
      assertThat(factor.asDouble()).isBetween(1.0, 1.5);
    }
    assertThat(found.path("factor").asDouble()).isEqualTo(1);
    assertThat(found.path("attention_factor").asDouble()).isEqualTo(1);
    assertThat(Runs.json(run.resolve("run.json")).at("/settings/max-factor").asDouble())
        .isEqualTo(1.5);
    Captured resumed = Captured.run("resume", run, "--master=local[1]");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    Path half = directory.resolve("half");
    Captured shorter = search(strategy, extended, half, "--target-length=16", "--max-factor=1.2");
    assertThat(shorter.exitCode()).as(shorter.err()).isZero();
    // For texts of 16 tokens, not for all of the window.
    assertThat(
            FactorFile.read(half.resolve("factors.json"), warning -> {}).longest().targetLength())
        .isEqualTo(16);
    Captured below =
        search(
            strategy,
            extended,
            directory.resolve("below"),
            "--target-length=32",
            "--max-factor=0.9");
    assertThat(below.errors()).singleElement().asString().contains("max-factor is 0.9");
  }

  private static Captured search(String strategy, Path model, Path output, String... words) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "search",
                "--model=" + model,
                "--data=" + WORLD.data(),
                "--documents=2",
                "--held-out-documents=1",
                "--output=" + output,
                "--master=local[1]"));
    all.addAll(
        strategy.equals("gradient")
            ? List.of("--strategy=gradient", "--steps=5", "--fixed-attention")
            : List.of(
                "--population=6",
                "--parents=2",
                "--mutations=2",
                "--crossovers=2",
                "--iterations=2"));
    all.addAll(List.of(words));
    return Captured.run(all.toArray());
  }

  private static Captured perplexity(Path model, Path json, String... words) {
    List<String> all = new ArrayList<>(List.of("perplexity", "--model=" + model));
    all.addAll(List.of("--data=" + WORLD.data(), "--length=32,128", "--threads=1"));
    all.add("--json=" + json);
    all.addAll(List.of(words));
    return Captured.run(all.toArray());
  }

  @Test
  void finetune_withLora_writesAnAdapter() {
    Path output = directory.resolve("adapter");
    Captured run =
        finetune(
            output,
            "--factors=" + factors,
            "--steps=3",
            "--lora-rank=2",
            "--lora-modules=q_proj,down_proj",
            "--adapter");
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode config = Runs.json(output.resolve("adapter_config.json"));
    assertThat(config.path("r").asInt()).isEqualTo(2);
    assertThat(config.path("lora_alpha").asDouble()).isEqualTo(4);
    assertThat(config.path("target_modules")).hasSize(2);
    SafetensorsFile weights = SafetensorsFile.open(output.resolve("adapter_model.safetensors"));
    assertThat(weights.names())
        .hasSize(8)
        .contains(
            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
            "base_model.model.model.layers.1.mlp.down_proj.lora_B.weight");
    assertThat(output.resolve("model.safetensors")).doesNotExist();
  }

  @Test
  void finetune_withWrongOptions_isRefusedBeforeAnythingIsWritten() {
    Path output = directory.resolve("refused");
    Captured wrong =
        finetune(
            output,
            "--factors=" + factors,
            "--steps=0",
            "--decay=slow",
            "--gradient-accumulation-steps=3",
            "--lora-alpha=2");
    assertThat(wrong.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(wrong.err())
        .contains(
            "--steps is 0", "--decay is slow", "--gradient-accumulation-steps is 3", "--lora-rank");
    Captured tooLong = finetune(output, "--factors=" + factors, "--steps=4", "--length=128");
    assertThat(tooLong.errors())
        .singleElement()
        .asString()
        .contains("--length is 128", "was found for 64 tokens");
    assertThat(finetune(output).exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(output).doesNotExist();
  }

  @Test
  void finetune_documentsTooShort_isRefused() throws IOException {
    Path output = directory.resolve("refused");
    Captured run =
        finetune(output, "--factors=" + factors("many.json", 32), "--steps=4", "--length=1024");
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains("--length is 1024 and the longest document of");
    assertThat(output).doesNotExist();
  }

  @Test
  void finetune_onReplicas_hasTheResultOfOneProcess() throws IOException {
    Path alone = directory.resolve("alone");
    Path together = directory.resolve("together");
    String[] words = {"--factors=" + factors, "--steps=4", "--checkpoint-every=2", "--dtype=f32"};
    Captured one = finetune(alone, words);
    assertThat(one.exitCode()).as(one.err()).isZero();
    List<String> spread = new ArrayList<>(List.of(words));
    spread.addAll(List.of("--replicas=2", "--master=local[2]"));
    Captured two = finetune(together, spread.toArray(String[]::new));
    assertThat(two.exitCode()).as(two.err()).isZero();
    assertThat(two.err()).contains("step 4/4");
    List<String> expected = Files.readAllLines(alone.resolve("training.csv"));
    List<String> actual = Files.readAllLines(together.resolve("training.csv"));
    assertThat(actual).hasSize(4);
    for (int step = 0; step < 4; step++) {
      assertThat(loss(actual.get(step))).isCloseTo(loss(expected.get(step)), within(1e-4));
    }
    Captured tooMany = finetune(directory.resolve("many"), words[0], words[1], "--replicas=5");
    assertThat(tooMany.errors()).singleElement().asString().contains("--replicas is 5");
  }

  private static double loss(String row) {
    return Double.parseDouble(row.split(",")[1]);
  }
}
