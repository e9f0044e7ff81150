package org.longrope.driver.run.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.run.Runs;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.run.settings.SettingsReader;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

class WarmStartTest {
  private static final Configuration HADOOP = new Configuration();

  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir static Path directory;

  private static SearchSettings settings(String given) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String setting : given.split(",")) {
      options.put(setting.split("=")[0], setting.split("=")[1].replace(';', ','));
    }
    options.put("model", WORLD.model().toString());
    options.put("data", WORLD.data().toString());
    options.put("target-length", Integer.toString(4 * TinyWorld.WINDOW));
    options.put("documents", "2");
    options.put("output", "none");
    options.put("patience", "2s");
    return SettingsReader.read(null, options, new SparkSettings(null, Map.of())).search();
  }

  private static double searchedPerplexity(Path factors) {
    return Runs.json(factors).path("longrope").path("provenance").path("perplexity").asDouble();
  }

  @Test
  void configOfAnotherModel_isOverTheFrequenciesOfTheSearchedOne(@TempDir Path folder)
      throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(
        config,
        """
        {"model_type": "llama", "hidden_size": 16, "num_attention_heads": 2,
         "max_position_embeddings": 256, "rope_scaling": {"type": "linear", "factor": 4.0}}
        """);
    RopeGeometry halved = new RopeGeometry(8, 10_000, 128, new RopeScaling.Linear(2));

    WarmStart start = WarmStart.read(config.toString(), HADOOP);

    assertThat(start.set().factors()).isEqualTo(RescaleFactors.uniform(4, 4));
    WarmStart stored = WarmStart.fromJson(start.toJson(), "run.json");
    assertThat(stored).isEqualTo(start);
    assertThat(stored.relativeTo(halved).set().factors()).isEqualTo(RescaleFactors.uniform(4, 2));
    assertThat(stored.relativeTo(halved.withoutScaling()))
        .isEqualTo(new WarmStart(config.toString(), start.set(), false));
  }

  /** The gradient strategy begins with such factors as they are; the others repair them. */
  @Test
  void factorsThatDescend_areAStartOfEveryStrategy(@TempDir Path runs) throws IOException {
    Path file = Files.writeString(runs.resolve("f.csv"), "1,2.5,1.75,4\n");
    for (String strategy :
        List.of("strategy=gradient,steps=1", "strategy=fast,budget=62", "population=5,parents=2")) {
      Path run = runs.resolve(strategy);
      Runs.run(run, settings(strategy + ",start-from=" + file), Runs.synthetic());
      boolean asTheyAre =
          Runs.journalContents(run).stream()
              .anyMatch(line -> line.contains("\"hundredths\":[100,250,175,400]"));
      assertThat(asTheyAre).as(strategy).isEqualTo(strategy.contains("gradient"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "strategy=fast,budget=62",
        "population=5,parents=2,iterations=0",
        "strategy=gradient,steps=1"
      })
  void search_startedFromAnotherResult_isNeverWorse(String brief, @TempDir Path runs)
      throws IOException {
    Runs.run(runs.resolve("first"), settings("strategy=fast,budget=300"), Runs.synthetic());
    Path found = runs.resolve("first/factors.json");
    double perplexity = searchedPerplexity(found);
    Path second = runs.resolve("second");
    Runs.run(second, settings(brief + ",start-from=" + found), Runs.synthetic());
    assertThat(searchedPerplexity(second.resolve("factors.json"))).isLessThanOrEqualTo(perplexity);

    // The run holds what it began with: the file may be gone when it goes on.
    Files.delete(found);
    String summary = Files.readString(second.resolve("summary.txt"));
    assertThat(Runs.resume(second, Runs.synthetic())).isEqualTo(summary);
  }

  @Test
  void factorsOfAnotherLength_areConverted_andKeepTheirOnes() throws IOException {
    Path file = directory.resolve("published.csv");
    Files.writeString(file, "1,1,2,4\n");
    WarmStart start = WarmStart.read(file.toString(), HADOOP);
    double[] twice = start.at(16).toArray();
    assertThat(twice[0]).isEqualTo(1);
    assertThat(twice[2]).isCloseTo(4, within(1e-12));
    assertThat(twice[3]).isCloseTo(16, within(1e-12));
    assertThat(start.at(1).toArray()).containsExactly(1, 1, 2, 4);
    assertThat(start.attentionFactor(4)).isEmpty();
    assertThat(start.startTokens()).isZero();
  }

  @Test
  void attentionFactor_isTakenWhereTheFileIsForTheSameExtension() throws IOException {
    FactorSet set =
        new FactorSet(
            WarmStart.read(csv("1,4"), HADOOP).set().factors(), 8, 1.1, 4.0, 32, null, null, null);
    Path file = directory.resolve("factors.json");
    Files.writeString(file, FactorFile.print(set));
    WarmStart start = WarmStart.read(file.toString(), HADOOP);
    assertThat(start.attentionFactor(4)).hasValue(1.1);
    assertThat(start.attentionFactor(8)).isEmpty();
    assertThat(start.startTokens()).isEqualTo(8);
    assertThat(WarmStart.fromJson(start.toJson(), "run.json")).isEqualTo(start);
  }

  private static String csv(String row) throws IOException {
    return Files.writeString(Files.createTempFile(directory, "row", ".csv"), row + "\n").toString();
  }

  @Test
  void startFrom_ofAnUnusableFile_isRejectedBeforeAnythingIsWritten() throws IOException {
    String one = csv("1,4");
    assertThatThrownBy(() -> settings("start-from=" + directory.resolve("none.json") + ";" + one))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("none.json: no such file; check the path.");
    assertThatThrownBy(
            () -> settings("start-from=" + String.join(";", List.of(one, one, one, one, one))))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("expected 4 files at most.");
    Path output = directory.resolve("misfit");
    assertThatThrownBy(() -> Runs.run(output, settings("start-from=" + one), Runs.synthetic()))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("the file has 2, the model rotates");
    assertThat(output.resolve("run.json")).doesNotExist();
  }
}
