package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.run.settings.SearchSchema;
import org.longrope.driver.run.settings.SettingsReader;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.BadInputException;
import org.longrope.search.settings.Setting;

/**
 * A run that was begun with any setting is resumed by the same command, and by no other. Every
 * setting of the schema is here: a new one needs a line in {@link #VALUES}.
 */
class BeginOrResumeTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  /** Setting of the output, which a resumed run cannot change. */
  private static final String PLACE = "output";

  /** On which no number depends: a run is resumed with others. */
  private static final Set<String> FREE = Set.of("deadline", "timeout", "evaluation-cache");

  @TempDir static Path directory;

  private record Values(String one, String other, String... needed) {}

  private static final Map<String, Values> VALUES =
      Map.ofEntries(
          Map.entry("model", new Values(WORLD.model().toString(), "other-model")),
          Map.entry("data", new Values(WORLD.data().toString(), "other-data")),
          Map.entry("target-length", new Values("64", "96")),
          Map.entry("documents", new Values("2", "3")),
          Map.entry("held-out-documents", new Values("2", "3")),
          Map.entry("objective", new Values("long-tokens", "long-and-short")),
          Map.entry("max-factor", new Values("2.5", "3")),
          Map.entry("start-from", new Values("one.csv", "other.csv")),
          Map.entry("strategy", new Values("genetic", "cmaes")),
          Map.entry("generation", new Values("8", "9")),
          Map.entry("budget", new Values("500", "501")),
          Map.entry("without", new Values("attention", "attention,rotation")),
          Map.entry("surrogate", new Values("mllib", "none")),
          Map.entry("steps", new Values("8", "9")),
          Map.entry("batch", new Values("2", "3")),
          Map.entry("descents", new Values("2", "3")),
          Map.entry("monotone", new Values("true", "false")),
          Map.entry("fixed-attention", new Values("true", "false")),
          Map.entry("query-scales", new Values("pair", "head")),
          Map.entry("window-weight", new Values("2", "3", "query-scales=pair")),
          Map.entry("population", new Values("40", "41")),
          Map.entry("parents", new Values("8", "9")),
          Map.entry("mutations", new Values("8", "9")),
          Map.entry("crossovers", new Values("8", "9")),
          Map.entry("iterations", new Values("3", "4")),
          Map.entry("mutation-probability", new Values("0.5", "0.6")),
          Map.entry("mode", new Values("asynchronous", "generational", "strategy=genetic")),
          Map.entry("deadline", new Values("30m", "40m")),
          Map.entry("timeout", new Values("2h", "3h")),
          Map.entry("evaluation-cache", new Values("one-ledger", "other-ledger")),
          Map.entry("attention-factor", new Values("1.5", "1.6")),
          Map.entry("attention-window", new Values("none", "16")),
          Map.entry("original-window", new Values("30", "31")),
          Map.entry("yarn-betas", new Values("64,2", "128,2")),
          Map.entry("seed", new Values("7", "8")),
          Map.entry("threads", new Values("2", "3")));

  static List<String> settings() {
    return SearchSchema.settings().stream().map(Setting::key).toList();
  }

  private static SearchRun beginOrResume(String run, Map<String, String> options) {
    Map<String, String> given = new LinkedHashMap<>();
    given.put("model", WORLD.model().toString());
    given.put("data", WORLD.data().toString());
    given.put("target-length", "128");
    given.put("documents", "1");
    given.put("output", directory.resolve(run).toString());
    given.putAll(options);
    SettingsReader.Effective effective =
        SettingsReader.read(null, given, new SparkSettings(null, Map.of()));
    return SearchRun.beginOrResume(
        effective.search(), effective.evaluationCache(), effective.output(), Runs.HADOOP);
  }

  /** Returns options as a command line gives them, with files and folders of the test. */
  private static Map<String, String> options(String setting, String value, String... needed) {
    Map<String, String> options = new LinkedHashMap<>();
    for (String other : needed) {
      options.put(other.split("=")[0], other.split("=")[1]);
    }
    boolean file = List.of("model", "data", "start-from", "evaluation-cache").contains(setting);
    options.put(setting, file ? directory.resolve(value).toString() : value);
    return options;
  }

  private static void makeFiles() {
    try {
      if (Files.notExists(directory.resolve("one.csv"))) {
        Files.writeString(directory.resolve("one.csv"), "1,2,3,4\n");
        Files.writeString(directory.resolve("other.csv"), "1,2,3,5\n");
        TinyWorld.model(directory.resolve("other-model"), 2);
        TinyWorld.partition(
            directory.resolve("other-data"),
            TinyWorld.documents(TinyWorld.DOCUMENTS, TinyWorld.SHORTEST, 8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void beginOrResume_withAnySetting_takesTheSameAndRefusesAnother(String setting) {
    if (setting.equals(PLACE)) {
      return;
    }
    Values values = VALUES.get(setting);
    assertThat(values).as("two values of " + setting + " for this test").isNotNull();
    makeFiles();
    Map<String, String> one = options(setting, values.one(), values.needed());
    Map<String, String> other = options(setting, values.other(), values.needed());
    beginOrResume(setting, one);

    assertThatCode(() -> beginOrResume(setting, one)).doesNotThrowAnyException();

    if (FREE.contains(setting)) {
      assertThatCode(() -> beginOrResume(setting, other)).doesNotThrowAnyException();
    } else {
      assertThatThrownBy(() -> beginOrResume(setting, other))
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining(directory.resolve(setting).toString())
          .hasMessageContaining("choose another --output.");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "attention-factor, 1, none",
    "attention-factor, 1.5, 1.50",
    "attention-window, 16, 016",
    "max-factor, 2, 2.0"
  })
  void beginOrResume_withTheSameValueSpelledDifferently_isTheSameRun(
      String setting, String one, String other) {
    String run = setting + "-" + one;
    beginOrResume(run, Map.of(setting, one));

    assertThatCode(() -> beginOrResume(run, Map.of(setting, other))).doesNotThrowAnyException();
  }

  /** A cluster may have the model elsewhere when it starts the driver again. */
  @Test
  void beginOrResume_withTheModelElsewhere_readsItThere() throws IOException {
    Path moved = TinyWorld.model(directory.resolve("moved"), 1);
    beginOrResume("moved-model", Map.of());

    SearchRun resumed = beginOrResume("moved-model", Map.of("model", moved.toString()));

    assertThat(resumed.workerSpec(new HadoopSettings(Map.of())).model().model())
        .isEqualTo(moved.toString());
  }
}
