package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
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
            "--measure");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines()).hasSize(4);
    assertThat(run.out()).contains("seconds  measured  error").contains("GiB").contains("%");
    assertThat(run.out().lines().toList().get(3))
        .matches(
            "Seconds go by the best of \\d evaluations of [\\d,]+ tokens, measured at .* cores\\.");
  }

  @Test
  void archive_isWritten() {
    Path archive = directory.resolve("decoder.pt");
    assertThat(Captured.run("bench", "archive", "--output", archive).exitCode()).isZero();
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
    Captured run = Captured.run("bench", "slots", "--slots", "64", "--json", json);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode rows = Runs.json(json).get("rows");
    assertThat(rows.findValuesAsText("mode")).containsExactly("generational", "asynchronous");
    assertThat(rows.get(0).get("utilisation").asDouble()).isBetween(0.3, 0.9);
    assertThat(rows.get(1).get("utilisation").asDouble()).isBetween(0.95, 1.0);
  }
}
