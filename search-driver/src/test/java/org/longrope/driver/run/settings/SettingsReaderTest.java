package org.longrope.driver.run.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.cmaes.CmaEsConfig;
import org.longrope.search.cmaes.Feature;
import org.longrope.search.genetic.GeneticConfig;
import org.longrope.search.gradient.GradientConfig;

class SettingsReaderTest {
  private static final SparkSettings NO_SPARK = new SparkSettings(null, Map.of());

  @TempDir Path directory;

  private static Map<String, String> options(String... keysAndValues) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("model", "m");
    options.put("data", "d");
    options.put("target-length", "1024");
    options.put("output", "o");
    for (int i = 0; i < keysAndValues.length; i += 2) {
      options.put(keysAndValues[i], keysAndValues[i + 1]);
    }
    return options;
  }

  private Path file(String text) {
    try {
      return Files.writeString(directory.resolve("run.conf"), text);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static SettingsReader.Effective read(@Nullable Path file, String... keysAndValues) {
    return SettingsReader.read(
        file == null ? null : StoredFile.of(file), options(keysAndValues), NO_SPARK);
  }

  @Test
  void reference_givesTheDefaults() {
    SettingsReader.Effective effective = read(null);
    assertThat(effective.search().search())
        .isEqualTo(new GradientConfig(40, 1, 1, false, false, QueryScaleChoice.NONE, 10, 42));
    assertThat(read(null, "mode", "asynchronous").search().search())
        .isEqualTo(new CmaEsConfig(16, 1000, Set.of(), false, 42));
    assertThat(effective.search().documents()).isEqualTo(5);
    assertThat(effective.search().attentionFactor()).hasToString("su");
    assertThat(effective.search().attentionWindow()).hasToString("config");
    assertThat(effective.search().objective()).isEqualTo(Objective.PERPLEXITY);
    assertThat(effective.output()).isEqualTo("o");
    assertThat(effective.spark()).isEqualTo(NO_SPARK);
  }

  private static GeneticConfig genetic(SearchSettings settings) {
    return (GeneticConfig) settings.search();
  }

  @Test
  void commandLine_overFile_overReference() {
    SettingsReader.Effective effective =
        read(
            file("search { population = 20, parents = 10, iterations = 7, target-length = 99 }"),
            "iterations",
            "8");
    assertThat(genetic(effective.search()).population()).isEqualTo(20);
    assertThat(genetic(effective.search()).parents()).isEqualTo(10);
    assertThat(genetic(effective.search()).iterations()).isEqualTo(8);
    assertThat(genetic(effective.search()).mutations()).isEqualTo(16);
    assertThat(effective.search().targetLength()).isEqualTo(1024);
  }

  @Test
  void cmaes_readsItsOwnSettings() {
    SettingsReader.Effective effective =
        read(
            file("search { strategy = cmaes, budget = 300, without = [attention, rotation] }"),
            "generation",
            "8",
            "seed",
            "5");
    assertThat(effective.search().search())
        .isEqualTo(new CmaEsConfig(8, 300, Set.of(Feature.ATTENTION, Feature.ROTATION), false, 5));
    assertThat(
            read(null, "strategy", "cmaes", "without", "start-tokens,rotation").search().search())
        .isEqualTo(
            new CmaEsConfig(16, 1000, Set.of(Feature.START_TOKENS, Feature.ROTATION), false, 42));
  }

  @Test
  void gradient_readsItsOwnSettings() {
    assertThat(
            read(
                    file("search { batch = 4, monotone = true }"),
                    "steps",
                    "9",
                    "fixed-attention",
                    "true")
                .search()
                .search())
        .isEqualTo(new GradientConfig(9, 4, 1, true, true, QueryScaleChoice.NONE, 10, 42));
    assertThatThrownBy(() -> read(null, "monotone", "perhaps"))
        .hasMessage("monotone is perhaps: expected true or false.");
  }

  @ParameterizedTest
  @CsvSource({"population, 64", "mutation-probability, 0.5"})
  void settingOfGenetic_choosesItsStrategy(String setting, String value) {
    assertThat(read(null, setting, value).search().search()).isInstanceOf(GeneticConfig.class);
    assertThat(read(file("search." + setting + " = " + value)).search().search())
        .isInstanceOf(GeneticConfig.class);
    assertThat(read(null, "strategy", "genetic").search().search())
        .isEqualTo(GeneticConfig.defaults());
  }

  @Test
  void settingsOfTheOtherStrategy_areRejectedTogether() {
    assertThatThrownBy(
            () -> read(file("search.population = 9"), "strategy", "cmaes", "without", "luck"))
        .hasMessage(
            "population is a setting of strategy genetic alone: leave it out, or choose strategy ="
                + " genetic.\n"
                + "without is luck: expected a list of features (attention, start-tokens,"
                + " critical-dimensions, shift, control-points, rotation, early-stop).");
    assertThatThrownBy(() -> read(null, "strategy", "slow", "budget", "9"))
        .hasMessage(
            "strategy is slow: expected one of gradient, cmaes, genetic.\n"
                + "budget is 9: expected 62 or more evaluations, for seeds and one generation.");
  }

  @ParameterizedTest
  @CsvSource({"paper, genetic", "fast, cmaes"})
  void strategy_byItsEarlierName_isTheSame(String earlier, String name) {
    assertThat(read(null, "strategy", earlier).search())
        .isEqualTo(read(null, "strategy", name).search());
    assertThat(read(file("search.strategy = " + earlier)).search())
        .isEqualTo(read(null, "strategy", name).search());
  }

  @Test
  void settings_byTheirEarlierKeys_areTheSame() {
    assertThat(read(file("search { patience = 2h, ledger = shared }")))
        .isEqualTo(read(file("search { timeout = 2h, evaluation-cache = shared }")))
        .isEqualTo(read(null, "patience", "2h", "ledger", "shared"));
    assertThatThrownBy(() -> read(file("search { patience = 2h, timeout = 1h }")))
        .hasMessageContaining("are one setting: expected one of them.");
  }

  @Test
  void wholeReferenceFile_ofThisOrTheFirstVersion_changesNothing() {
    Path root = Path.of("").toAbsolutePath().getParent();
    for (Path reference :
        List.of(
            root.resolve("conf/reference.conf"),
            Path.of("src/test/resources/reference-of-the-first-version.conf"))) {
      assertThat(read(reference)).isEqualTo(read(null));
      assertThat(read(reference, "mode", "asynchronous").search().search())
          .isEqualTo(read(null, "mode", "asynchronous").search().search());
    }
  }

  @Test
  void json_ofSettings_isReadAsItWasWritten() {
    for (SearchSettings settings :
        List.of(
            read(null).search(),
            read(null, "max-factor", "2.5", "deadline", "90s", "without", "shift").search(),
            read(null, "strategy", "genetic", "attention-factor", "1.5").search())) {
      assertThat(SearchSettings.fromJson(settings.toJson())).isEqualTo(settings);
    }
  }

  @Test
  void json_ofTheFirstVersion_isRead() throws IOException {
    String json =
        """
        {"model": "m", "data": "d", "target-length": 1024, "documents": 5,
         "held-out-documents": 5, "strategy": "paper", "population": 64, "parents": 32,
         "mutations": 16, "crossovers": 16, "iterations": 40, "mutation-probability": 0.3,
         "attention-factor": "su", "attention-window": "config", "seed": 42, "threads": 1,
         "mode": "generational", "deadline": null, "patience": "PT10M"}
        """;
    ObjectNode paper = (ObjectNode) new JsonMapper().readTree(json);
    assertThat(SearchSettings.fromJson(paper))
        .isEqualTo(read(null, "strategy", "genetic").search());
    paper.remove("strategy");
    assertThat(SearchSettings.fromJson(paper))
        .isEqualTo(read(null, "strategy", "genetic").search());
    paper.put("documents", "many");
    assertThatThrownBy(() -> SearchSettings.fromJson(paper))
        .isInstanceOf(BadInputException.class)
        .hasMessage(
            "run.json has \"many\" for documents: expected the file as the search wrote it;"
                + " restore it from a copy.");
  }

  @Test
  void file_mayGiveEverything() {
    Path file =
        file(
            "search { model = m2, data = d2, output = o2, target-length = 2048, seed = 9\n"
                + "attention-factor = 1.19, mutation-probability = 0.5, attention-window = 4096\n"
                + "objective = long-tokens }");
    SettingsReader.Effective effective =
        SettingsReader.read(StoredFile.of(file), Map.of(), NO_SPARK);
    assertThat(effective.search().model()).isEqualTo("m2");
    assertThat(effective.output()).isEqualTo("o2");
    assertThat(effective.search().search().seed()).isEqualTo(9);
    assertThat(effective.search().attentionFactor()).hasToString("1.19");
    assertThat(effective.search().attentionWindow()).hasToString("4096");
    assertThat(effective.search().objective()).isEqualTo(Objective.LONG_TOKENS);
  }

  @ParameterizedTest
  @CsvSource({"524288, 5, 64, 16, 16", "524289, 3, 32, 8, 8", "2097152, 3, 32, 8, 8"})
  void longTargets_halveTheDefaults(
      String target, int documents, int population, int mutations, int crossovers) {
    SearchSettings search = read(null, "target-length", target, "strategy", "genetic").search();
    assertThat(search.documents()).isEqualTo(documents);
    assertThat(genetic(search).population()).isEqualTo(population);
    assertThat(genetic(search).mutations()).isEqualTo(mutations);
    assertThat(genetic(search).crossovers()).isEqualTo(crossovers);
    assertThat(genetic(search).parents()).isEqualTo(32);
    assertThat(genetic(search).iterations()).isEqualTo(40);
  }

  @ParameterizedTest
  @CsvSource({"524288, 1000", "524289, 300"})
  void longTargets_takeLessOfTheBudget(String target, int budget) {
    assertThat(read(null, "target-length", target, "strategy", "cmaes").search().search())
        .isEqualTo(new CmaEsConfig(16, budget, Set.of(), false, 42));
  }

  @Test
  void longTargets_leaveWhatWasGiven() {
    SearchSettings search =
        read(file("search.documents = 7"), "target-length", "2097152", "population", "40").search();
    assertThat(search.documents()).isEqualTo(7);
    assertThat(genetic(search).population()).isEqualTo(40);
    assertThat(genetic(search).mutations()).isEqualTo(8);
  }

  @ParameterizedTest
  @CsvSource({
    "search.populatoin = 5, search.populatoin",
    "search.populatoin = null, search.populatoin",
    "population = 5, population",
    "spark.maser = local, spark.maser",
  })
  void unknownKey_isAnErrorByName(String line, String key) {
    Path file = file(line);
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("conf/reference.conf");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "search.population = many | population",
        "search.population = 64.5 | population is 64.5",
        "search.population = [1] | population",
        "search.population = null | population",
        "search.population = 99999999999 | population",
        "search.mutation-probability = often | mutation-probability",
        "search.mutation-probability = null | mutation-probability",
        "search.mutation-probability = NaN | mutation",
        "search.mutation-probability = 1.5 | mutation",
        "search.seed = null | seed",
        "search.seed = x | seed",
        "search.attention-factor = null | attention-factor",
        "search.attention-factor = [su] | attention-factor",
        "search.attention-factor = big | big",
        "search.attention-window = 0 | attention window",
        "search.attention-window = {} | attention-window",
        "search.threads = 0 | threads",
        "search.objective = accuracy | objective is accuracy: expected one of perplexity, needle,"
            + " long-tokens, long-and-short.",
        "search.objective = null | objective",
        "search.objective = [needle] | objective",
        "search.population.size = 5 | population",
        "search = 5 | search",
        "spark = 5 | spark",
        "spark.conf = 5 | spark.conf",
        "spark.master = [a] | master",
      })
  void wrongValue_isOneSentenceByName(String line, String name) {
    Path file = file(line);
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(name)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void allProblems_areReportedAtOnce() {
    Path file = file("search.populatoin = 5\nsearch.crossovers = none");
    assertThatThrownBy(
            () ->
                SettingsReader.read(
                    StoredFile.of(file),
                    Map.of(
                        "model", "m",
                        "target-length", "far",
                        "parents", "1",
                        "documents", "0",
                        "attention-factor", "big"),
                    NO_SPARK))
        .isInstanceOf(BadInputException.class)
        .satisfies(
            e ->
                assertThat(e.getMessage().lines())
                    .hasSize(8)
                    .anyMatch(line -> line.contains("populatoin"))
                    .anyMatch(line -> line.contains("crossovers is none"))
                    .anyMatch(line -> line.contains("data is not given"))
                    .anyMatch(line -> line.contains("output is not given"))
                    .anyMatch(line -> line.contains("target-length is far"))
                    .anyMatch(line -> line.contains("parents is 1"))
                    .anyMatch(line -> line.contains("documents is 0"))
                    .anyMatch(line -> line.contains("'big'")));
  }

  @Test
  void sparkConf_isFreeFormAndTheCommandLineWins() {
    Path file =
        file(
            "spark { master = \"local[3]\"\n"
                + "conf { spark.executor.memory = 4g, \"spark.task.cpus\" = 2, spark.x.y-z = true }"
                + " }");
    SparkSettings fromFile = read(file).spark();
    assertThat(fromFile.master()).isEqualTo("local[3]");
    assertThat(fromFile.settings())
        .isEqualTo(
            Map.of("spark.executor.memory", "4g", "spark.task.cpus", "2", "spark.x.y-z", "true"));
    SparkSettings both =
        SettingsReader.read(
                StoredFile.of(file),
                options(),
                new SparkSettings("yarn", Map.of("spark.executor.memory", "8g")))
            .spark();
    assertThat(both.master()).isEqualTo("yarn");
    assertThat(both.settings())
        .containsEntry("spark.executor.memory", "8g")
        .containsEntry("spark.task.cpus", "2");
  }

  @Test
  void fileThatIsNone_orNoSettings_isRejected() {
    assertThatThrownBy(() -> read(directory.resolve("none.conf")))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("none.conf");
    Path broken = file("search { population = ");
    assertThatThrownBy(() -> read(broken))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(broken.toString());
    Path unresolved = file("search.seed = ${nowhere}");
    assertThatThrownBy(() -> read(unresolved))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("nowhere");
  }
}
