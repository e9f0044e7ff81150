package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;
import org.longrope.eval.checkpoint.Checkpoint;

/** The files that search, export and finetune write to be published. */
class PublishedFilesTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir static Path directory;
  private static Path model;
  private static Path run;
  private static Path factors;

  @BeforeAll
  static void search() throws IOException {
    // A copy with the files that a loader needs besides the weights.
    model = Files.createDirectories(directory.resolve("model"));
    for (String name : List.of("config.json", "model.safetensors")) {
      Files.copy(WORLD.model().resolve(name), model.resolve(name));
    }
    for (String name : List.of("generation_config.json", "tokenizer.model", "merges.txt")) {
      Files.writeString(model.resolve(name), "{}");
    }
    run = directory.resolve("run");
    done(
        "search",
        "--model=" + model,
        "--data=" + WORLD.data(),
        "--target-length=128",
        "--documents=2",
        "--held-out-documents=1",
        "--population=6",
        "--parents=2",
        "--mutations=2",
        "--crossovers=2",
        "--iterations=2",
        "--attention-window=none",
        "--output=" + run,
        "--master=local[1]");
    factors = run.resolve("factors.json");
  }

  private static Captured done(String... words) {
    Captured captured = Captured.run((Object[]) words);
    assertThat(captured.exitCode()).as(captured.err()).isZero();
    return captured;
  }

  private static Captured export(Path output, String... words) {
    List<String> all =
        new ArrayList<>(List.of("export", "--model=" + model, "--factors=" + factors));
    all.addAll(List.of("--format=hf", "--output=" + output));
    all.addAll(List.of(words));
    return Captured.run(all.toArray());
  }

  private static Path finetuned(String name, String... words) {
    Path output = directory.resolve(name);
    List<String> all =
        new ArrayList<>(
            List.of(
                "finetune",
                "--model=" + model,
                "--data=" + WORLD.data(),
                "--factors=" + factors,
                "--steps=1",
                "--length=64",
                "--batch-size=1",
                "--warmup-steps=0",
                "--threads=1",
                "--output=" + output));
    all.addAll(List.of(words));
    done(all.toArray(String[]::new));
    return output;
  }

  @Test
  void everyJsonFile_hasNamesUnderDtypeAndNoPathsOfThisHost() throws IOException {
    List<Path> published = new ArrayList<>(List.of(factors, run.resolve("summary.json")));
    Path within = directory.resolve("within.json");
    Files.writeString(
        within,
        Files.readString(factors)
            .replace("\"factor\": 4.0", "\"factor\": 1.0")
            .replace("\"target_length\": 128", "\"target_length\": 32"));
    assertThat(export(directory.resolve("one")).exitCode()).isZero();
    assertThat(export(directory.resolve("table"), "--factors=" + within).exitCode()).isZero();
    assertThat(Runs.json(directory.resolve("table/config.json")).at("/longrope/table")).hasSize(2);
    List<Path> folders =
        List.of(
            directory.resolve("one"),
            directory.resolve("table"),
            finetuned("full"),
            finetuned("merged", "--lora-rank=2"),
            finetuned("adapter", "--lora-rank=2", "--adapter"));
    for (Path folder : folders) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".json")).forEach(published::add);
      }
    }
    assertThat(published).hasSizeGreaterThan(12);
    for (Path file : published) {
      assertPublishable(file, "", Runs.json(file));
      assertThat(file).content().doesNotContain(directory.toString());
    }
    assertThat(Runs.json(factors).at("/longrope/provenance/settings/model").asText())
        .isEqualTo("model");
    assertThat(
            Runs.json(directory.resolve("adapter/adapter_config.json"))
                .path("base_model_name_or_path")
                .asText())
        .isEqualTo("model");
  }

  private static void assertPublishable(Path file, String key, JsonNode value) {
    if (key.equals("dtype") || key.equals("torch_dtype")) {
      assertThat(value.isTextual()).as("%s in %s is %s", key, file, value).isTrue();
    }
    if (value.isTextual()) {
      assertThat(value.asText()).as("%s in %s", key, file).doesNotStartWith("/");
    }
    value.properties().forEach(field -> assertPublishable(file, field.getKey(), field.getValue()));
    if (value.isArray()) {
      value.forEach(element -> assertPublishable(file, "", element));
    }
  }

  @Test
  void export_toADirectory_writesAModelThatOpens() {
    Path output = directory.resolve("opens");

    Captured export = export(output);

    assertThat(export.out())
        .startsWith("Wrote " + output + ": config.json, generation_config.json, merges.txt")
        .doesNotContain("Hard links");
    assertThat(export(directory.resolve("linked"), "--link").out()).contains("Hard links");
    assertThat(export(directory.resolve("both"), "--link", "--config-only").err())
        .contains("give one of them");
    assertThat(Checkpoint.open(output).isExtended()).isTrue();
    assertThat(Runs.json(output.resolve("config.json")).at("/longrope/attention_window").asText())
        .isEqualTo("none");
    assertThat(export(output).exitCode()).isZero();
    Captured other = export(output, "--short-factors=long");
    assertThat(other.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(other.errors())
        .singleElement()
        .asString()
        .contains(output.resolve("config.json").toString(), "--force");
    assertThat(export(output, "--short-factors=long", "--force").exitCode()).isZero();
  }

  @Test
  void export_ofTheConfigAlone_namesTheMissingFiles() {
    Path file = directory.resolve("alone.json");
    Path folder = directory.resolve("config-only");

    for (Captured export : List.of(export(file), export(folder, "--config-only"))) {
      assertThat(export.out())
          .contains("To load it, name it config.json and add from " + model)
          .contains("tokenizer.model, model.safetensors");
    }
    assertThat(folder.toFile().list()).containsExactly("config.json");
  }

  @Test
  void export_overAnyOtherFile_isRefused() throws IOException {
    for (String format : List.of("hf", "gguf", "csv")) {
      Path file = Files.writeString(directory.resolve(format + ".json"), "mine");
      Captured export = export(file, "--format=" + format);
      assertThat(export.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
      assertThat(file).content().isEqualTo("mine");
    }
  }

  @Test
  void finetune_copiesAllThatALoaderNeeds() {
    assertThat(finetuned("copied").toFile().list())
        .contains("config.json", "generation_config.json", "tokenizer.model", "merges.txt");
  }

  @Test
  void finetune_overAConfig_isRefusedBeforeItTrains() throws IOException {
    Path output = Files.createDirectories(directory.resolve("occupied"));
    Files.writeString(output.resolve("config.json"), "mine");

    Captured run =
        Captured.run(
            "finetune",
            "--model=" + model,
            "--data=" + WORLD.data(),
            "--factors=" + factors,
            "--steps=1",
            "--warmup-steps=0",
            "--length=64",
            "--output=" + output);

    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains(output.resolve("config.json") + " exists");
    assertThat(output.toFile().list()).containsExactly("config.json");
  }
}
