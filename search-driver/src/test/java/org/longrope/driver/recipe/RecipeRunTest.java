package org.longrope.driver.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/** The graph alone: commands are stood in for by one that writes what it was given. */
class RecipeRunTest {
  private static final String CHAIN =
      """
      let { length = 2048, seed = 1 }
      steps {
        first { command = search, target-length = ${let.length}, deadline = 5m }
        second { command = search, target-length = 4096, config = "@first" }
        measure { command = perplexity, factors = ["@first", "@second"], seed = ${let.seed} }
        apart { command = passkey, seed = 7 }
      }
      """;

  @TempDir Path directory;
  private Path file;
  private final List<String> ran = new ArrayList<>();
  private final List<String> skipped = new ArrayList<>();

  @BeforeEach
  void writeRecipe() throws IOException {
    file = Files.writeString(directory.resolve("chain.conf"), CHAIN);
  }

  private RecipeRun run(Map<String, String> set, Map<String, String> handOffs) {
    return new RecipeRun(
        RecipeReader.read(StoredFile.of(file), set, handOffs),
        directory.resolve("out"),
        new Configuration());
  }

  private void execute(Map<String, String> set) throws Exception {
    execute(run(set, Map.of()), "");
  }

  /**
   * Executes a recipe in which one step may be interrupted.
   *
   * @param dies name of a step that is interrupted after it has written a half of its result
   */
  private String execute(RecipeRun run, String dies) throws Exception {
    ran.clear();
    skipped.clear();
    return run.execute(
        (step, arguments) -> {
          ran.add(step.name());
          Path result = run.result(step.name());
          Files.createDirectories(result.getParent());
          if (step.name().equals(dies)) {
            Files.writeString(result, "half");
            throw new IllegalStateException("interrupted");
          }
          Files.writeString(
              result,
              """
              {"results": [{"method": "pi", "length": 64, "perplexity": 2.5, "tokens": 63}],
               "words": "%s"}
              """
                  .formatted(String.join(" ", arguments)));
        },
        new RecipeRun.Listener() {
          @Override
          public void stepStarted(Step step, int number, int of) {}

          @Override
          public void stepSkipped(Step step, double seconds) {
            skipped.add(step.name());
          }

          @Override
          public void stepFinished(Step step, double seconds) {}
        });
  }

  private JsonNode summary() throws IOException {
    return new JsonMapper().readTree(directory.resolve("out/summary.json").toFile());
  }

  @Test
  void execute_twice_runsEachStepOnce() throws Exception {
    assertThat(run(Map.of(), Map.of()).finished()).containsValues(false).doesNotContainValue(true);
    execute(Map.of());
    assertThat(ran).containsExactly("first", "second", "measure", "apart");
    execute(Map.of());
    assertThat(ran).isEmpty();
    assertThat(skipped).containsExactly("first", "second", "measure", "apart");
    assertThat(summary().path("finished").asBoolean()).isTrue();
    assertThat(summary().at("/perplexity/0/perplexity").asDouble()).isEqualTo(2.5);
    assertThat(summary().at("/steps/2/needs")).hasSize(2);
    assertThat(summary().at("/steps/2/output_sha256").asText()).hasSize(64);
    assertThat(run(Map.of(), Map.of()).finished()).doesNotContainValue(false);
  }

  @Test
  void execute_interruptedAtEveryStep_resumesThere() throws Exception {
    List<String> all = List.of("first", "second", "measure", "apart");
    for (String dies : all) {
      assertThatThrownBy(() -> execute(run(Map.of(), Map.of()), dies)).hasMessage("interrupted");
      assertThat(ran).endsWith(dies);
      assertThat(skipped).isEqualTo(all.subList(0, Math.max(0, all.indexOf(dies) - 1)));
      assertThat(summary().path("finished").asBoolean()).isFalse();
    }
    String text = execute(run(Map.of(), Map.of()), "");
    assertThat(ran).containsExactly("apart");
    assertThat(text).contains("measure: pi").contains("2.500");
  }

  @Test
  void execute_withOtherInputs_isRejectedUntilTheStepIsRemoved() throws Exception {
    execute(Map.of());
    assertThatThrownBy(() -> execute(Map.of("seed", "2")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Step measure")
        .hasMessageContaining("begun with other inputs (seed)");
    assertThat(ran).isEmpty();
    Files.delete(directory.resolve("out/steps/measure.json"));
    execute(Map.of("seed", "2"));
    assertThat(ran).containsExactly("measure");
  }

  @Test
  void execute_withAnEarlierResultChanged_isRejected() throws Exception {
    execute(Map.of());
    Files.writeString(directory.resolve("out/first/factors.json"), "other");
    assertThatThrownBy(() -> execute(Map.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("factors.json of step first has changed");
    Files.writeString(directory.resolve("out/steps/first.json"), "{");
    assertThatThrownBy(() -> execute(Map.of()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("first.json is damaged");
  }

  @Test
  void execute_withAHandOff_runsTheOtherStepsAndWaitsForIt() throws Exception {
    Path elsewhere = directory.resolve("elsewhere.json");
    Map<String, String> handOff = Map.of("first", elsewhere.toString());
    assertThatThrownBy(() -> execute(run(Map.of(), handOff), ""))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Step first is handed off")
        .hasMessageContaining("longrope search --deadline 5m --target-length 2048");
    assertThat(ran).containsExactly("apart");
    Files.writeString(elsewhere, "made elsewhere");
    execute(run(Map.of(), handOff), "");
    assertThat(ran).containsExactly("second", "measure");
    assertThat(summary().at("/steps/0/state").asText()).isEqualTo("handed-off");
    Files.writeString(elsewhere, "made again");
    assertThatThrownBy(() -> execute(run(Map.of(), handOff), ""))
        .hasMessageContaining("Step second")
        .hasMessageContaining("other inputs (config)");
  }
}
