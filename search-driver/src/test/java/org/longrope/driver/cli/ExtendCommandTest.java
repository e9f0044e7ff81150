package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.recipe.Recipe;
import org.longrope.driver.recipe.RecipeReader;
import org.longrope.driver.recipe.RecipeRun;
import org.longrope.driver.recipe.Step;
import org.longrope.driver.run.Runs;
import org.longrope.driver.store.files.StoredFile;

@Tag("numeric")
class ExtendCommandTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final String CHAIN =
      """
      let { model = MODEL, data = DATA, target = 64, length = 64, measured = [32, 64, 192] }
      steps {
        first {
          command = search, model = ${let.model}, data = ${let.data}, target-length = ${let.target}
          documents = 2, held-out-documents = 1
          population = 4, parents = 2, mutations = 1, crossovers = 1, iterations = 1
        }
        tune {
          command = finetune, model = ${let.model}, data = ${let.data}
          factors = ["@first"], steps = [2], length = ${let.length}, batch = 2, warmup-steps = 1, threads = 1
        }
        second {
          command = search, model = "@tune", data = ${let.data}, target-length = 192
          documents = 2, held-out-documents = 1
          population = 4, parents = 2, mutations = 1, crossovers = 1, iterations = 1
        }
        recovery {
          command = search, model = "@tune", data = ${let.data}, target-length = 32, max-factor = 1.5
          documents = 2, held-out-documents = 1
          population = 4, parents = 2, mutations = 1, crossovers = 1, iterations = 1
        }
        measure {
          command = perplexity, model = "@tune", data = ${let.data}, length = ${let.measured}
          factors = ["@recovery", "@first", "@second"], compare = [none, pi], threads = 1
        }
        config {
          command = export, format = hf, model = "@tune", factors = ["@recovery", "@first", "@second"]
        }
      }
      """;

  @TempDir Path directory;
  private Path recipe;
  private Path output;

  @BeforeEach
  void writeRecipe() throws IOException {
    String text =
        CHAIN
            .replace("MODEL", '"' + WORLD.model().toString() + '"')
            .replace("DATA", '"' + WORLD.data().toString() + '"');
    recipe = Files.writeString(directory.resolve("chain.conf"), text);
    output = directory.resolve("out");
  }

  private Captured extend(String... words) {
    List<String> all =
        new ArrayList<>(
            List.of("extend", "--recipe=" + recipe, "--output=" + output, "--master=local[1]"));
    all.addAll(List.of(words));
    return Captured.run(all.toArray());
  }

  @Test
  void extend_wholeChain_measuresAndExportsAndIsNotRunTwice() throws IOException {
    Captured first = extend();
    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(first.out()).contains("Perplexity by length").contains("measure: found factors");

    JsonNode summary = Runs.json(output.resolve("summary.json"));
    assertThat(summary.path("finished").asBoolean()).isTrue();
    assertThat(summary.path("steps")).hasSize(6);
    assertThat(summary.path("perplexity")).hasSize(9);
    JsonNode measured = Runs.json(output.resolve("measure/perplexity.json")).path("results");
    assertThat(measured.get(0).path("rescale_factors").get(0).asDouble()).isLessThanOrEqualTo(1.5);
    assertThat(measured.get(2).path("length").asInt()).isEqualTo(192);
    assertThat(output.resolve("measure/perplexity.png")).isNotEmptyFile();
    JsonNode config = Runs.json(output.resolve("config/config.json"));
    assertThat(config.path("max_position_embeddings").asInt()).isEqualTo(192);

    byte[] before = Files.readAllBytes(output.resolve("measure/perplexity.json"));
    Captured again = extend();
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err())
        .contains("measure: finished before, skipped")
        .doesNotContain("step 1/6");
    assertThat(output.resolve("measure/perplexity.json")).hasBinaryContent(before);
    Captured dry = extend("--dry-run");
    assertThat(dry.out()).containsPattern("second +search +done");

    // Killed when these had done their work, and before that was written down.
    for (String step : List.of("first", "tune", "measure")) {
      Path record = output.resolve("steps/" + step + ".json");
      Files.writeString(
          record, Files.readString(record).replace("\"state\": \"done\"", "\"state\": \"begun\""));
    }
    Captured resumed = extend();
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err())
        .contains("step 1/6", "tune: done", "second: finished before, skipped");
    assertThat(output.resolve("measure/perplexity.json")).hasBinaryContent(before);
  }

  @Test
  void extend_dryRun_estimatesAndWritesNothing() {
    Captured dry = extend("--dry-run");
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    // 2 steps of 2 sequences of 64 tokens, forward twice and backward.
    assertThat(dry.out())
        .containsPattern("tune +finetune +to do +1,024")
        .contains("To do: about")
        .contains("longrope finetune --batch 2");
    assertThat(output).doesNotExist();
  }

  @Test
  void extend_impossibleStep_isRefusedBeforeAnyStep() throws IOException {
    refused("Step first: --target-length 32 is not beyond", "--set=target=32");
    refused("Step tune: --length is 128 and", "--set=length=128");
    refused("Step measure: --length is 4096 and the longest document of", "--set=measured=4096");
    refused("--set modle", "--set=modle=1");
    refused("Step first: No directory /nowhere", "--set=model=/nowhere");
    Files.writeString(recipe, Files.readString(recipe).replace("batch = 2", "bach = 2"));
    refused("Step tune: Unknown options: '--bach'");
    Files.writeString(
        recipe, Files.readString(recipe).replace("bach = 2, warmup-steps = 1", "warmup-steps = 3"));
    refused("Step tune: --warmup-steps is 3: expected fewer than the steps");
  }

  private void refused(String message, String... words) {
    Captured wrong = extend(words);
    assertThat(wrong.exitCode()).as(wrong.err()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(wrong.errors()).singleElement().asString().contains(message);
    assertThat(output).doesNotExist();
  }

  @Test
  void extend_factorsOfAnotherModel_areRefusedBeforeAnyStep() throws IOException {
    Path other = Files.writeString(directory.resolve("other.csv"), "1.0,2.0,3.0\n");
    Files.writeString(
        recipe,
        Files.readString(recipe)
            .replace("\"@recovery\", \"@first\", \"@second\"", '"' + other.toString() + '"'));
    refused("Factors in " + other + " don't fit");
  }

  /** Their words are options of the commands, and the graph has an order. */
  @Test
  void shippedRecipes_haveOnlyKnownSteps() throws IOException {
    List<Path> shipped;
    try (Stream<Path> files = Files.list(Path.of("../conf/recipes"))) {
      shipped = files.sorted().toList();
    }
    assertThat(shipped).hasSizeGreaterThanOrEqualTo(3);
    for (Path file : shipped) {
      Map<String, String> set = new LinkedHashMap<>();
      Matcher word = Pattern.compile("(?m)^  ([a-z-]+) = null$").matcher(Files.readString(file));
      while (word.find()) {
        set.put(word.group(1), "/given");
      }
      Recipe read = RecipeReader.read(StoredFile.of(file), set, Map.of());
      RecipeRun run = new RecipeRun(read, output, new Configuration());
      for (Step step : read.steps()) {
        assertThatCode(() -> new RecipeSteps(new SparkOptions()).command(step, run.arguments(step)))
            .as("%s: %s", file, step.name())
            .doesNotThrowAnyException();
      }
    }
  }

  @Test
  void extend_handedOffTraining_isWaitedForAndThenTaken() throws IOException {
    Path elsewhere = directory.resolve("tuned-elsewhere");
    Captured waiting = extend("--hand-off=tune=" + elsewhere);
    assertThat(waiting.exitCode()).as(waiting.err()).isEqualTo(Main.EXIT_FAILED);
    assertThat(waiting.errors())
        .last()
        .asString()
        .contains("Step tune is handed off and " + elsewhere + " is not there yet")
        .contains("longrope finetune");
    assertThat(output.resolve("first/factors.json")).exists();
    assertThat(output.resolve("second")).doesNotExist();

    Captured tuned =
        Captured.run(
            "finetune",
            "--model=" + WORLD.model(),
            "--data=" + WORLD.data(),
            "--factors=" + output.resolve("first/factors.json"),
            "--steps=2",
            "--length=64",
            "--batch=2",
            "--warmup-steps=1",
            "--output=" + elsewhere);
    assertThat(tuned.exitCode()).as(tuned.err()).isZero();
    Captured going = extend("--hand-off=tune=" + elsewhere);
    assertThat(going.exitCode()).as(going.err()).isZero();
    assertThat(output.resolve("tune")).doesNotExist();
    assertThat(Runs.json(output.resolve("summary.json")).at("/steps/1/state").asText())
        .isEqualTo("handed-off");
  }
}
