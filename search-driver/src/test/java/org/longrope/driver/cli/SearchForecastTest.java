package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.longrope.eval.decoder.EvaluationCost;

class SearchForecastTest {
  private static final long GIB = 1L << 30;

  /** 4 GiB of weights, 3 GiB a pass. */
  private static final EvaluationCost COST =
      new EvaluationCost(131_072, 1e15, 4 * GIB, GIB, List.of(GIB), 2 * GIB, GIB);

  @Test
  void warning_whatFits_isNone() {
    assertThat(SearchForecast.warning(COST, 4, 16 * GIB)).isEmpty();
  }

  @Test
  void warning_tooManyAtOnce_saysHowManyFit() {
    assertThat(SearchForecast.warning(COST, 5, 16 * GIB))
        .hasValue(
            "5 evaluations at once need 19.0 GiB and this machine has 16.0 GiB: use --master"
                + " local[4].");
  }

  @ParameterizedTest
  @CsvSource({"local, 1", "local[3], 3", "'local[4,2]', 4"})
  void slots_ofALocalMaster_areItsNumber(String master, int slots) {
    assertThat(SearchForecast.slots(master)).isEqualTo(slots);
    assertThat(SearchForecast.slots("local[*]"))
        .isEqualTo(Runtime.getRuntime().availableProcessors());
  }

  private static Captured search(Path output, String... more) {
    TinyWorld world = TinyWorld.shared();
    List<String> words =
        new ArrayList<>(
            List.of(
                "search",
                "--model=" + world.model(),
                "--data=" + world.data(),
                "--output=" + output,
                "--target-length=128",
                "--documents=2",
                "--held-out-documents=1",
                "--strategy=genetic",
                "--population=4",
                "--parents=2",
                "--mutations=1",
                "--crossovers=1",
                "--iterations=2"));
    words.addAll(List.of(more));
    return Captured.run(words.toArray());
  }

  @Test
  void dryRun_ofASearchHere_saysWhatItWillCostAndWritesNothing(@TempDir Path directory) {
    Path output = directory.resolve("run");
    Captured run = search(output, "--dry-run", "--master=local[2]");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out().lines().toList())
        .satisfiesExactly(
            line ->
                assertThat(line).isEqualTo("original window: 32 tokens (max_position_embeddings)"),
            line ->
                assertThat(line)
                    .matches(
                        "the whole search: at most [0-9]+ evaluations of 32 tokens and [0-9]+"
                            + " evaluations of 128 tokens, [0-9,]+ tokens in all"),
            line -> assertThat(line).startsWith("one evaluation of 128 tokens: about "),
            line ->
                assertThat(line)
                    .matches(
                        "in all: at most [0-9.]+ device-hours, .* with 2 evaluations at once,"
                            + " in [0-9.]+ GiB of memory"),
            line -> assertThat(line).startsWith("dry run: "));
    assertThat(output).doesNotExist();
  }

  @Test
  void dryRun_forACluster_saysWhatIsKnownWithoutIt(@TempDir Path directory) {
    Captured run = search(directory.resolve("run"), "--dry-run", "--master=spark://nowhere:7077");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("GiB of weights").contains("device-hours are estimated from");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void dryRun_ofWrongInputs_endsAsTheSearchWould(@TempDir Path directory) throws IOException {
    Files.createFile(directory.resolve("something"));
    Captured run = search(directory, "--dry-run", "--master=local[2]");
    assertThat(run.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
    assertThat(run.errors()).singleElement().asString().contains("is not empty");
    Captured other = search(directory.resolve("run"), "--dry-run", "--documents=2000");
    assertThat(other.exitCode()).isEqualTo(Main.EXIT_BAD_INPUT);
  }
}
