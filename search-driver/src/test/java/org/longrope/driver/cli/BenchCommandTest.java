package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

class BenchCommandTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir Path directory;

  @Test
  void evaluator_ofACheckpoint_writesARowForEachLength() {
    Path json = directory.resolve("bench.json");
    Captured run =
        Captured.run(
            "bench",
            "evaluator",
            "--model",
            WORLD.model(),
            "--length",
            "40,60",
            "--threads",
            "1",
            "--busy",
            "1",
            "--json",
            json);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("of matmul").contains("busy").contains("GFLOP/s");
    JsonNode result = Runs.json(json);
    assertThat(result.at("/matmul_gflops/1").asDouble()).isPositive();
    assertThat(result.get("busy_processes").asInt()).isEqualTo(1);
    assertThat(result.get("device").asText()).isNotEmpty();
    assertThat(result.get("versions").get("libtorch").asText()).isNotEmpty();
    assertThat(result.get("rows")).hasSize(2);
    for (int i = 0; i < 2; i++) {
      JsonNode row = result.get("rows").get(i);
      assertThat(row.get("length").asInt()).isEqualTo(i == 0 ? 40 : 60);
      assertThat(row.get("threads").asInt()).isEqualTo(1);
      assertThat(row.get("dtype").asText()).isEqualTo("f32");
      assertThat(row.get("tokens_per_second").asDouble()).isPositive();
      assertThat(row.get("busy_tokens_per_second").asDouble()).isPositive();
      assertThat(row.get("fraction_of_matmul").asDouble()).isPositive();
      assertThat(row.has("peak_bytes_over_weights")).isTrue();
      assertThat(row.has("buffers")).isTrue();
      assertThat(row.get("model").asText()).isEqualTo(WORLD.model().getFileName().toString());
    }
  }

  @Test
  void evaluator_ofAModelAndShapes_isRefused() {
    Captured run =
        Captured.run("bench", "evaluator", "--model", WORLD.model(), "--shapes", "qwen3");
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains("--model or --shapes");
  }

  @Test
  void evaluator_ofAnUnknownShape_namesTheKnown() {
    Captured run = Captured.run("bench", "evaluator", "--shapes", "llama,gpt2");
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains("'gpt2'").contains("llama, qwen3, gemma2, mixtral, gpt-oss");
  }

  /** A program that prints what a Python would that lacks a package. */
  @Test
  void evaluator_withAPythonWithoutTransformers_namesWhatItLacks() throws IOException {
    Path python = directory.resolve("python");
    Files.writeString(
        python, "#!/bin/sh\necho '{\"problem\": \"cannot import what it needs: torch\"}'\n");
    assertThat(python.toFile().setExecutable(true)).isTrue();
    Captured run = evaluator("--transformers", python);
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains(python.toString()).contains("needs: torch");
  }

  @Test
  void evaluator_withAPythonThatIsNotThere_isRefused() {
    Captured run = evaluator("--transformers", directory.resolve("none"));
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains("--transformers").contains("expected a Python");
  }

  /** A program that answers as transformers would, so slow that it is asked once. */
  @Test
  void evaluator_withTransformers_writesItsSpeed() throws IOException {
    Path python = directory.resolve("python");
    Files.writeString(
        python,
        """
        #!/bin/sh
        echo '{"transformers": "5.0", "torch": "2.9"}'
        echo '{"attention": "sdpa"}'
        while read -r line; do
          case "$line" in *'"threads":1,"ids":['*) echo '{"seconds": 200, "nll": 1}' ;; esac
        done
        """);
    assertThat(python.toFile().setExecutable(true)).isTrue();
    Path json = directory.resolve("bench.json");
    Captured run = evaluator("--transformers", python, "--json", json);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("transformers  speedup")
        .contains("transformers 5.0 with torch 2.9, sdpa attention");
    JsonNode row = Runs.json(json).get("rows").get(0);
    assertThat(row.get("transformers_tokens_per_second").asDouble()).isEqualTo(39 / 200.0);
    assertThat(row.get("speedup").asDouble()).isGreaterThan(1);
    assertThat(row.get("nll_difference").asDouble()).isPositive();
  }

  private static Captured evaluator(Object... options) {
    List<Object> words =
        new ArrayList<>(
            List.of(
                "bench",
                "evaluator",
                "--model",
                WORLD.model(),
                "--length",
                "40",
                "--threads",
                "1"));
    words.addAll(List.of(options));
    return Captured.run(words.toArray());
  }

  @Test
  void forecast_measured_showsItsError() {
    Captured run =
        Captured.run(
            "bench",
            "forecast",
            "--model",
            WORLD.model(),
            "--length",
            "100,300",
            "--threads",
            "1",
            "--gradient",
            "--measure");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(4);
    assertThat(run.out().replaceAll(" +", " "))
        .contains("seconds gradient its memory measured error")
        .contains("GiB")
        .contains("%");
    assertThat(run.out().lines().toList().get(3))
        .matches(
            "Seconds go by the best of \\d evaluations of [\\d,]+ tokens, measured at .* cores\\.");
  }

  @Test
  void archive_isWritten() {
    Path archive = directory.resolve("decoder.pt");
    assertThat(
            Captured.run("bench", "archive", "--model", WORLD.model(), "--output", archive)
                .exitCode())
        .isZero();
    assertThat(archive).isNotEmptyFile();
  }

  @ParameterizedTest
  @CsvSource({"evaluator,1,1", "forecast,0,1", "evaluator,9,0", "forecast,9,-2"})
  void lengthOrThreadsOutOfRange_areRefused(String command, String length, String threads) {
    Captured run =
        Captured.run(
            "bench", command, "--model", WORLD.model(), "--length", length, "--threads", threads);
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains("expected");
  }

  /** The paper's budget in simulated time: no GPU waits for the slowest. */
  @Test
  void slots_asynchronousSearch_keepsUnevenExecutorsBusyWhereTheGenerationalDoesNot() {
    Path json = directory.resolve("slots.json");
    Captured run =
        Captured.run("bench", "slots", "--slots", "32", "--set", "budget=1000", "--json", json);
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Runs.json(json).at("/settings/budget").asText()).isEqualTo("1000");
    assertThat(Runs.json(json).get("documents").asInt()).isEqualTo(5);
    JsonNode rows = Runs.json(json).get("rows");
    assertThat(rows.findValuesAsText("mode")).containsExactly("generational", "asynchronous");
    assertThat(rows.get(0).get("utilisation").asDouble()).isBetween(0.1, 0.5);
    assertThat(rows.get(1).get("utilisation").asDouble()).isBetween(0.85, 1.0);
  }
}
