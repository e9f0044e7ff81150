package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.run.Runs;

/** A search of query scales from its command line to what reads its results. */
class QueryScalesSearchTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir private Path directory;

  private Captured search(String output, Object... more) {
    List<Object> words =
        new ArrayList<>(List.of("search", "--model", WORLD.model(), "--data", WORLD.data()));
    words.addAll(List.of("--target-length", 128, "--documents", 1, "--held-out-documents", 2));
    words.addAll(List.of("--steps", 10, "--output", directory.resolve(output)));
    words.addAll(Arrays.asList(more));
    return Captured.run(words.toArray());
  }

  private double perplexity(Object... more) {
    Path json = directory.resolve("perplexity.json");
    List<Object> words =
        new ArrayList<>(List.of("perplexity", "--model", WORLD.model(), "--data", WORLD.data()));
    words.addAll(List.of("--length", 128, "--json", json));
    words.addAll(List.of("--factors", directory.resolve("run/factors.json")));
    words.addAll(Arrays.asList(more));
    assertThat(Captured.run(words.toArray()).exitCode()).isZero();
    return Runs.json(json).path("results").get(0).path("perplexity").asDouble();
  }

  @ParameterizedTest
  @CsvSource({"pair, 1, 1", "head, 2, 4"})
  void search_findsScales_andSaysWhatTheyDoAtTheWindow(String choice, int layers, int heads)
      throws Exception {
    Captured run = search("run", "--query-scales", choice);
    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode factors = Runs.json(directory.resolve("run/factors.json"));
    JsonNode scales = factors.path("longrope").path("query_scales");
    assertThat(scales.path("layers").asInt()).isEqualTo(layers);
    assertThat(scales.path("heads").asInt()).isEqualTo(heads);
    assertThat(scales.path("scales")).hasSize(layers * heads * TinyWorld.PAIRS);
    assertThat(Runs.text(directory.resolve("run/summary.txt")))
        .contains("found, without query scales")
        .containsPattern(
            "Without rescaling, query scales change the perplexity at 32 tokens by [+-]\\d");
    JsonNode window =
        Runs.json(directory.resolve("run/summary.json")).path("query_scales_at_original_window");
    assertThat(window.path("without").asDouble()).isGreaterThan(1);
    assertThat(window.path("with").asDouble()).isNotEqualTo(window.path("without").asDouble());
    assertThat(perplexity()).isNotEqualTo(perplexity("--without-query-scales"));
    for (String reader : List.of("status", "report")) {
      Captured read = Captured.run(reader, directory.resolve("run"));
      assertThat(read.exitCode()).as(read.err()).isZero();
    }
    Path report = directory.resolve("run/report");
    assertThat(report.resolve("gradient.png")).isNotEmptyFile();
    List<String> steps = Files.readAllLines(report.resolve("steps.csv"));
    assertThat(steps)
        .hasSize(1 + 10)
        .startsWith("step,documents,perplexity,gradient_norm,query_scales_norm")
        .last()
        .asString()
        .matches("10,1(,\\d+\\.\\d+(E-\\d+)?){3}");
  }

  /** A second search with the same seed evaluates nothing again, and goes the same way. */
  @ParameterizedTest
  @ValueSource(ints = {0, 10})
  void search_withACache_reusesTheOriginalWindowToo(int weight) throws Exception {
    Path cache = directory.resolve("cache");
    Object[] more = {
      "--query-scales", "head", "--window-weight", weight, "--evaluation-cache", cache
    };
    assertThat(search("run", more).exitCode()).isZero();
    Captured again = search("again", more);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(directory.resolve("again/factors.json"))
        .hasSameBinaryContentAs(directory.resolve("run/factors.json"));
    int all = Runs.evaluations(directory.resolve("again")).size();
    // One is evaluated again, to check that this machine gives the same bits.
    assertThat(again.err()).contains((all - 1) + " of " + all + " evaluations came from");
  }

  @Test
  void search_ofAnotherStrategy_refusesScales() {
    Captured run = search("run", "--strategy", "cmaes", "--query-scales", "head");
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.err()).contains("query-scales", "gradient");
    assertThat(Files.exists(directory.resolve("run"))).isFalse();
  }
}
