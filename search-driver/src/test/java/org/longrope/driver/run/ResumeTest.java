package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.spark.QuadraticRegression;
import org.longrope.driver.execution.spark.SparkSettings;
import org.longrope.driver.execution.spark.SparkTaskExecutor;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.BadInputException;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.Surrogate;
import org.longrope.search.cmaes.CmaEsConfig;
import org.longrope.search.genetic.GeneticConfig;
import org.longrope.search.gradient.GradientConfig;

/** A run that is stopped anywhere and goes on ends as if it had not been. */
class ResumeTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final SearchSettings SETTINGS =
      Runs.settings(WORLD.model(), WORLD.data(), new GeneticConfig(4, 2, 1, 1, 2, 0.5, 3), 1, 1);
  private static final TaskExecutor NO_MORE =
      Runs.scorer(
          (tasks, answers) -> {
            throw new AssertionError("Nothing is left to evaluate, yet asked for " + tasks);
          });

  @TempDir static Path directory;
  private static Path unbroken;
  private static String summary;

  @BeforeAll
  static void runWithoutABreak() {
    unbroken = directory.resolve("unbroken");
    summary = Runs.run(unbroken, SETTINGS, Runs.synthetic());
  }

  /** Dies after so many answers; shuffled, as answers come on a cluster. */
  private static TaskExecutor dyingAfter(int answersLeft, int seed) {
    int[] left = {answersLeft};
    return Runs.scorer(
        (tasks, answers) -> {
          List<EvaluationTask> order = new ArrayList<>(tasks);
          Collections.shuffle(order, new Random(seed));
          for (EvaluationTask task : order) {
            if (left[0]-- == 0) {
              throw new IllegalStateException("killed");
            }
            answers.accept(Runs.synthetic(task));
          }
        });
  }

  private static void assertLikeUnbroken(Path run) {
    for (String file : List.of("factors.json", "summary.json", "summary.txt", "run.json")) {
      assertThat(run.resolve(file)).hasSameBinaryContentAs(unbroken.resolve(file));
    }
    assertThat(Runs.journalContents(run)).isEqualTo(Runs.journalContents(unbroken));
  }

  @Test
  void resume_afterAnyNumberOfAnswers_endsLikeTheUnbrokenRun() {
    int all = Runs.evaluations(unbroken).size();
    for (int n = 0; n < all; n++) {
      Path run = directory.resolve("stopped-" + n);
      TaskExecutor dying = dyingAfter(n, n);
      assertThatThrownBy(() -> Runs.run(run, SETTINGS, dying)).hasMessage("killed");
      assertThat(Runs.resume(run, dyingAfter(-1, n + 1))).isEqualTo(summary);
      assertLikeUnbroken(run);
    }
  }

  /** Most of its candidates are scored on one of two documents alone. */
  @Test
  void resume_ofAFastSearch_endsLikeTheUnbrokenRun() {
    Path whole = resumed(new CmaEsConfig(4, 45, Set.of(), false, 3), 0, 3, () -> Runs.SURROGATE);
    Runs.resume(whole, NO_MORE);
  }

  /** Two descents side by side, which a death stops between the documents of a step. */
  @ParameterizedTest
  @EnumSource(
      value = QueryScaleChoice.class,
      names = {"NONE", "HEAD"})
  void resume_ofASearchByGradient_afterAnyNumberOfAnswers_endsLikeTheUnbrokenRun(
      QueryScaleChoice scales) {
    GradientConfig search = new GradientConfig(3, 2, 2, false, false, scales, 1, 3);
    SearchSettings settings = Runs.settings(WORLD.model(), WORLD.data(), search, 3, 1);
    Path whole = directory.resolve("gradient-" + scales);
    Runs.run(whole, settings, Runs.synthetic());
    int all = Runs.evaluations(whole).size();
    for (int n = 0; n < all; n++) {
      Path run = directory.resolve("gradient-" + scales + "-stopped-" + n);
      TaskExecutor dying = dyingAfter(n, n);
      assertThatThrownBy(() -> Runs.run(run, settings, dying)).hasMessage("killed");
      Runs.resume(run, dyingAfter(-1, n + 1));
      // The descents take turns as their answers come, so that the order of the records differs.
      for (String file : List.of("factors.json", "summary.json", "summary.txt", "run.json")) {
        assertThat(run.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
      }
      assertThat(Runs.evaluations(run)).hasSize(all);
    }
    Runs.resume(whole, NO_MORE);
    assertThat(Runs.evaluations(whole))
        .filteredOn(one -> one.contains("by_log_factors"))
        // The synthetic loss scales both descents alike, and they share the original window.
        .hasSize(scales == QueryScaleChoice.NONE ? 12 : 18);
  }

  /** Checks that a surrogate learns from equal evaluations after a death at any later point. */
  @Test
  void resume_ofAScreenedSearch_endsLikeTheUnbrokenRun() {
    assertScreened(
        resumed(new CmaEsConfig(6, 110, Set.of(), true, 3), 60, 7, () -> Runs.SURROGATE));
  }

  /** A resumed run learns everything again. */
  @Test
  void resume_ofASearchThatSparkScreens_endsLikeTheUnbrokenRun() {
    try (JavaSparkContext spark = new SparkSettings("local[2]", Map.of()).start("test")) {
      assertScreened(
          resumed(
              new CmaEsConfig(6, 120, Set.of(), true, 5),
              90,
              200,
              () -> new QuadraticRegression(spark, Duration.ofMinutes(1))));
    }
  }

  private static void assertScreened(Path run) {
    JsonNode surrogate = Runs.json(run.resolve("summary.json")).path("surrogate");
    assertThat(surrogate.path("screened").asInt()).isGreaterThan(2);
    assertThat(surrogate.path("rank_correlation").asDouble()).isBetween(0.0, 1.0);
    assertThat(Runs.text(run.resolve("summary.txt")))
        .containsPattern(
            "The surrogate ranked \\d+ generations with a correlation of 0\\.\\d\\d, and"
                + " screened \\d+ of them\\.\n");
  }

  /** A whole run, after others were stopped at so many answers, and more, and gone on with. */
  private static Path resumed(
      CmaEsConfig search, int first, int each, Supplier<Surrogate> surrogates) {
    SearchSettings settings = Runs.settings(WORLD.model(), WORLD.data(), search, 2, 1);
    String name = "fast-" + search.documentsScored(2);
    Path whole = directory.resolve(name);
    Runs.run(whole, settings, Runs.synthetic(), surrogates.get());
    int all = Runs.evaluations(whole).size();
    for (int n = first; n < all; n += each) {
      Path run = directory.resolve(name + "-stopped-" + n);
      TaskExecutor dying = dyingAfter(n, n);
      assertThatThrownBy(() -> Runs.run(run, settings, dying, surrogates.get()))
          .hasMessage("killed");
      Runs.resume(run, dyingAfter(-1, n + 1), surrogates.get());
      for (String file : List.of("factors.json", "summary.json", "summary.txt", "run.json")) {
        assertThat(run.resolve(file)).hasSameBinaryContentAs(whole.resolve(file));
      }
      assertThat(Runs.journalContents(run)).isEqualTo(Runs.journalContents(whole));
    }
    return whole;
  }

  /** It is no bad input: what is finished is kept, and the same run goes on. */
  @Test
  void surrogateThatFails_endsTheRun_whichGoesOn() {
    SearchSettings settings =
        Runs.settings(WORLD.model(), WORLD.data(), new CmaEsConfig(6, 70, Set.of(), true, 7), 2, 1);
    Path whole = directory.resolve("surrogate");
    Runs.run(whole, settings, Runs.synthetic());
    Path run = directory.resolve("surrogate-lost");
    int[] left = {2};
    Surrogate lost =
        observations -> {
          Surrogate.Training training = Runs.SURROGATE.train(observations);
          return () -> {
            if (left[0]-- == 0) {
              throw new ExecutionFailure("lost");
            }
            return training.model();
          };
        };
    assertThatThrownBy(() -> Runs.run(run, settings, Runs.synthetic(), lost))
        .isInstanceOf(ExecutionFailure.class)
        .hasMessage("lost");
    Runs.resume(run, Runs.synthetic());
    assertThat(run.resolve("summary.json")).hasSameBinaryContentAs(whole.resolve("summary.json"));
    assertThat(Runs.journalContents(run)).isEqualTo(Runs.journalContents(whole));
  }

  @Test
  void resume_stoppedAgainAndAgain_endsLikeTheUnbrokenRun() {
    Path run = directory.resolve("stopped-often");
    assertThatThrownBy(() -> Runs.run(run, SETTINGS, dyingAfter(3, 0))).hasMessage("killed");
    int resumes = 0;
    for (boolean done = false; !done; resumes++) {
      try {
        Runs.resume(run, dyingAfter(5, resumes));
        done = true;
      } catch (IllegalStateException e) {
        assertThat(e).hasMessage("killed");
      }
    }
    assertThat(Runs.segments(run)).hasSize(1 + resumes);
    assertLikeUnbroken(run);
  }

  @Test
  void resume_ofAFinishedRun_evaluatesNothingAndGivesTheTable() throws IOException {
    Path run = copyOfUnbroken("finished");
    assertThat(Runs.resume(run, NO_MORE)).isEqualTo(summary);
    assertLikeUnbroken(run);
  }

  @Test
  void resume_ofAFinishedRunWithoutItsResults_writesThemAgain() throws IOException {
    Path run = copyOfUnbroken("without-results");
    for (String file : List.of("factors.json", "summary.json", "summary.txt")) {
      Files.delete(run.resolve(file));
    }
    Runs.resume(run, NO_MORE);
    assertLikeUnbroken(run);
  }

  @Test
  void journal_cutAnywhereInItsLastRecord_losesThatRecordAlone() throws IOException {
    Path run = copyOfUnbroken("cut");
    Path segment = Runs.segments(run).get(0);
    byte[] whole = Files.readAllBytes(segment);
    int records = Runs.journalLines(unbroken).size();
    String text = new String(whole, java.nio.charset.StandardCharsets.UTF_8);
    int lastBegins = text.lastIndexOf('\n', text.length() - 2) + 1;
    for (int length = lastBegins; length < whole.length; length++) {
      Files.write(segment, java.util.Arrays.copyOf(whole, length));
      assertThat(open(run).entries()).hasSize(records - 2);
    }
    // Cut in the middle, gone on with, and the cut line still there: all in order.
    Files.write(segment, java.util.Arrays.copyOf(whole, (lastBegins + whole.length) / 2));
    assertThat(Runs.resume(run, Runs.synthetic())).isEqualTo(summary);
    assertThat(Runs.resume(run, NO_MORE)).isEqualTo(summary);
    assertThat(run.resolve("factors.json"))
        .hasSameBinaryContentAs(unbroken.resolve("factors.json"));
  }

  @Test
  void journal_withAFlippedBit_isRefusedByFileAndLine() throws IOException {
    Path run = copyOfUnbroken("flipped");
    Path segment = Runs.segments(run).get(0);
    byte[] whole = Files.readAllBytes(segment);
    Random random = new Random(9);
    int line = 1;
    int lines = Runs.journalLines(unbroken).size();
    for (int at = 0; line < lines; at++) {
      // The line's first and last bytes always, of those between one in seven.
      boolean edge = at == 0 || whole[at - 1] == '\n' || whole[at] == '\n';
      if (edge || at % 7 == 0) {
        byte[] damaged = whole.clone();
        damaged[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(segment, damaged);
        assertThatThrownBy(() -> open(run))
            .as("byte %d", at)
            .isInstanceOf(BadInputException.class)
            .hasMessageContaining("Line " + line + " of " + segment);
      }
      line += whole[at] == '\n' ? 1 : 0;
    }
  }

  @Test
  void journal_cutAnywhere_keepsWholeRecordsOrIsRefused() throws IOException {
    Path run = stopped("cut-anywhere", WORLD.model(), WORLD.data());
    Path segment = Runs.segments(run).get(0);
    byte[] whole = Files.readAllBytes(segment);
    int lines = 0;
    for (int length = 0; length < whole.length; length++) {
      lines += length > 0 && whole[length - 1] == '\n' ? 1 : 0;
      Files.write(segment, java.util.Arrays.copyOf(whole, length));
      assertThat(open(run).entries()).hasSize(Math.max(0, lines - 1));
    }
    // With another segment after it, what was cut off is missed.
    Path stopped = stopped("cut-before-another", WORLD.model(), WORLD.data());
    Runs.resume(stopped, Runs.synthetic());
    Path first = Runs.segments(stopped).get(0);
    byte[] before = Files.readAllBytes(first);
    for (int length = 0; length < before.length; length++) {
      Files.write(first, java.util.Arrays.copyOf(before, length));
      assertThatThrownBy(() -> open(stopped))
          .as("length %d", length)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("are missing");
    }
  }

  @Test
  void journal_withAnotherCourse_isRefusedByItsDecision() throws IOException {
    Path run = copyOfUnbroken("another-course");
    com.fasterxml.jackson.databind.node.ObjectNode json =
        (com.fasterxml.jackson.databind.node.ObjectNode) Runs.json(run.resolve("run.json"));
    ((com.fasterxml.jackson.databind.node.ObjectNode) json.get("settings")).put("parents", 3);
    Files.writeString(run.resolve("run.json"), json.toString());
    assertThatThrownBy(() -> Runs.resume(run, NO_MORE))
        .isInstanceOf(BadInputException.class)
        .hasMessageMatching("Decision \\d+ in the log is not the one.*");
  }

  /** Every record is an object of its own: none that was told of is lost with its driver. */
  @Test
  void resume_onAnObjectStore_endsLikeTheUnbrokenRun() {
    for (int n = 1; n < Runs.evaluations(unbroken).size(); n += 4) {
      Path run = directory.resolve("store-" + n);
      TaskExecutor dying = dyingAfter(n, n);
      assertThatThrownBy(
              () ->
                  SearchRun.begin(
                          SETTINGS,
                          RunDirectory.create(ObjectStore.location(run), ObjectStore.hadoop()),
                          ObjectStore.hadoop())
                      .execute(dying, Runs.SURROGATE, RunListener.SILENT))
          .hasMessage("killed");
      assertThat(Runs.evaluations(run)).hasSize(n);
      assertThat(
              SearchRun.resume(
                      RunDirectory.open(ObjectStore.location(run), ObjectStore.hadoop()),
                      ObjectStore.hadoop())
                  .execute(dyingAfter(-1, n + 1), Runs.SURROGATE, RunListener.SILENT))
          .isEqualTo(summary);
      assertLikeUnbroken(run);
    }
  }

  /** No evaluation ends in time, as on a cluster that is far too slow: that is none's fault. */
  @Test
  void run_whoseEvaluationsAllMissTheirDeadline_stopsAndEndsLikeTheUnbrokenRunWhenResumed() {
    try (JavaSparkContext spark = new SparkSettings("local[2]", Map.of()).start("test")) {
      Path inTime = directory.resolve("in-time");
      SearchRun whole =
          SearchRun.begin(
              SETTINGS, RunDirectory.create(inTime.toString(), Runs.HADOOP), Runs.HADOOP);
      try (SparkTaskExecutor scorer = Runs.onSpark(spark, whole)) {
        whole.execute(scorer, Runs.SURROGATE, RunListener.SILENT);
      }
      Path late = directory.resolve("late");
      RunDirectory created = RunDirectory.create(late.toString(), Runs.HADOOP);
      SearchRun.begin(SETTINGS, created, Runs.HADOOP);
      FaultTolerance tooShort = new FaultTolerance(Duration.ofNanos(1), Duration.ofSeconds(1));
      SearchRun slow = SearchRun.resume(created, tooShort, null, Runs.HADOOP);
      try (SparkTaskExecutor scorer = Runs.onSpark(spark, slow)) {
        assertThatThrownBy(() -> slow.execute(scorer, Runs.SURROGATE, RunListener.SILENT))
            .isInstanceOf(ExecutionFailure.class)
            .hasMessageContaining("longer than its deadline");
      }
      assertThat(Runs.evaluations(late)).isEmpty();
      SearchRun resumed = SearchRun.resume(created, Runs.HADOOP);
      try (SparkTaskExecutor scorer = Runs.onSpark(spark, resumed)) {
        resumed.execute(scorer, Runs.SURROGATE, RunListener.SILENT);
      }
      assertThat(late.resolve("factors.json"))
          .hasSameBinaryContentAs(inTime.resolve("factors.json"));
      assertThat(Runs.journalContents(late)).isEqualTo(Runs.journalContents(inTime));
    }
  }

  @Test
  void run_onAnObjectStore_listsItsJournalAsOftenHoweverManyRecordsThereAre() {
    assertThat(listings("few", 5)).isEqualTo(listings("many", 25));
  }

  /** Counts listings while so many records are written, each a segment. */
  private static int listings(String name, int records) {
    Path run = directory.resolve(name);
    RunDirectory created = RunDirectory.create(ObjectStore.location(run), ObjectStore.hadoop());
    SearchRun begun = SearchRun.begin(SETTINGS, created, ObjectStore.hadoop());
    int before = ObjectStore.listings();
    assertThatThrownBy(
            () -> begun.execute(dyingAfter(records, 1), Runs.SURROGATE, RunListener.SILENT))
        .hasMessage("killed");
    assertThat(Runs.segments(run)).hasSizeGreaterThan(records);
    return ObjectStore.listings() - before;
  }

  /** The failed record's object is not there, and its number is free. */
  @Test
  void run_onAnObjectStoreThatLosesARecord_endsLikeTheUnbrokenRun() {
    Path run = directory.resolve("store-lost");
    int[] answered = {0};
    RunDirectory created = RunDirectory.create(ObjectStore.location(run), ObjectStore.hadoop());
    TaskExecutor losing =
        Runs.scorer(
            (tasks, answers) -> {
              for (EvaluationTask task : tasks) {
                if (answered[0]++ == 7) {
                  ObjectStore.loses(1);
                }
                answers.accept(Runs.synthetic(task));
              }
            });
    assertThat(
            SearchRun.begin(SETTINGS, created, ObjectStore.hadoop())
                .execute(losing, Runs.SURROGATE, RunListener.SILENT))
        .isEqualTo(summary);
    assertLikeUnbroken(run);
  }

  /** Answers in an order that changes with every process: the journal alone decides the course. */
  @Test
  void asynchronousRun_stoppedAnywhere_goesOnFromWhatItsDecisionsHadSeen() throws IOException {
    stopAnywhere(SETTINGS, 40, "genetic");
  }

  @Test
  void asynchronousCmaEs_stoppedAnywhere_goesOnFromWhatItsDecisionsHadSeen() throws IOException {
    CmaEsConfig cmaes = new CmaEsConfig(4, 60, Set.of(), false, 3);
    stopAnywhere(Runs.settings(WORLD.model(), WORLD.data(), cmaes, 2, 1), 70, "cmaes");
  }

  private void stopAnywhere(SearchSettings settings, int evaluations, String name)
      throws IOException {
    SearchSettings asynchronous = Runs.asynchronous(settings);
    for (int n = 1; n < evaluations; n += 3) {
      Path run = directory.resolve("asynchronous-" + name + n);
      TaskExecutor dying = dyingAfter(n, n);
      try {
        Runs.run(run, asynchronous, dying);
      } catch (IllegalStateException e) {
        assertThat(e).hasMessage("killed");
      }
      String before = Runs.text(Runs.segments(run).get(0));
      Runs.resume(run, dyingAfter(-1, n + 7));
      assertThat(Runs.text(Runs.segments(run).get(0))).isEqualTo(before);
      assertThat(Runs.journalContents(run)).doesNotHaveDuplicates();
      // Finished, a replay makes every decision again and evaluates nothing.
      Runs.resume(run, NO_MORE);
    }
  }

  @Test
  void journal_takenOverByAnotherProcess_isLeftByTheOlder() {
    Path run = directory.resolve("taken-over");
    boolean[] takenOver = {false};
    SearchSettings one = Runs.settings(WORLD.model(), WORLD.data(), SETTINGS.search(), 1, 1);
    assertThatThrownBy(
            () ->
                Runs.run(
                    run,
                    one,
                    Runs.scorer(
                        (tasks, answers) -> {
                          answers.accept(Runs.synthetic(tasks.get(0)));
                          if (!takenOver[0]) {
                            takenOver[0] = true;
                            RunLog other =
                                Runs.claim(RunDirectory.open(run.toString(), Runs.HADOOP));
                            other.append(
                                Runs.synthetic(tasks.get(1)),
                                TaskGroup.of("baseline", "", List.of()));
                            other.close();
                          }
                          tasks.stream().skip(1).map(Runs::synthetic).forEach(answers);
                        })))
        .hasMessageContaining("Another process works on " + run);
  }

  @Test
  void resume_onDevicesOfAnotherKind_isRefused() {
    Path run = stopped("other-type", WORLD.model(), WORLD.data());
    TaskExecutor half =
        Runs.scorer(
            (tasks, answers) ->
                tasks.forEach(
                    task ->
                        answers.accept(
                            task.completed(Runs.synthetic(task).value(), "bf16", null))));
    assertThatThrownBy(() -> Runs.resume(run, half))
        .isInstanceOf(ExecutionFailure.class)
        .hasMessageContaining("were computed in f32 and an executor computes in bf16");
    assertThat(Runs.evaluations(run)).allMatch(line -> line.contains("f32"));
  }

  private static TaskExecutor on(String hardware) {
    return Runs.local(task -> task.completed(Runs.synthetic(task).value(), "f32", hardware));
  }

  @Test
  void resume_onAnotherKindOfCpu_isAWarningAndEndsTheSame() {
    Path run = directory.resolve("other-cpu");
    int[] left = {10};
    TaskExecutor first =
        Runs.scorer(
            (tasks, answers) ->
                tasks.forEach(
                    task -> {
                      if (left[0]-- == 0) {
                        throw new IllegalStateException("killed");
                      }
                      answers.accept(
                          task.completed(Runs.synthetic(task).value(), "f32", "AMD AVX512"));
                    }));
    assertThatThrownBy(() -> Runs.run(run, SETTINGS, first)).hasMessage("killed");
    assertThat(Runs.evaluations(run))
        .isNotEmpty()
        .allMatch(line -> line.contains("\"hardware\":\"AMD AVX512\""));
    List<String> warnings = new ArrayList<>();
    String end =
        SearchRun.resume(RunDirectory.open(run.toString(), Runs.HADOOP), Runs.HADOOP)
            .execute(on("Intel AVX2"), Runs.SURROGATE, Runs.warned(warnings::add));
    assertThat(end).isEqualTo(summary);
    assertThat(warnings)
        .singleElement()
        .asString()
        .startsWith(
            "Numbers were computed on AMD AVX512 before and are now computed on Intel AVX2:");
  }

  @Test
  void begin_afterOneThatDiedBeforeItHadBegun_begins() throws IOException {
    Path run = Files.createDirectory(directory.resolve("died-early"));
    Files.writeString(run.resolve(".run.json.part"), "{");
    assertThat(Runs.run(run, SETTINGS, Runs.synthetic())).isEqualTo(summary);
  }

  @Test
  void journal_withAForeignFile_isRefusedByName() throws IOException {
    Path run = copyOfUnbroken("foreign");
    Files.writeString(run.resolve("journal").resolve("notes.txt"), "");
    assertThatThrownBy(() -> open(run))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("notes.txt");
  }

  @Test
  void resume_withAnotherModel_isRefused() throws IOException {
    Path model = TinyWorld.model(directory.resolve("own-model"), 1);
    Path run = stopped("model-changed", model, WORLD.data());
    TinyWorld.model(model, 2);
    assertThatThrownBy(() -> Runs.resume(run, NO_MORE))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The model " + model)
        .hasMessageContaining("has changed since the run began");
  }

  @Test
  void resume_withOtherData_isRefused() throws IOException {
    Path data =
        TinyWorld.partition(
            directory.resolve("own-data"), TinyWorld.documents(3, TinyWorld.SHORTEST, 1));
    Path run = stopped("data-changed", WORLD.model(), data);
    org.apache.hadoop.fs.FileUtil.fullyDelete(data.toFile());
    TinyWorld.partition(data, TinyWorld.documents(3, TinyWorld.SHORTEST, 2));
    assertThatThrownBy(() -> Runs.resume(run, NO_MORE))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("The data file:" + data)
        .hasMessageContaining("has changed since the run began");
  }

  @Test
  void resume_ofDamagedOrForeignRuns_isRefused() throws IOException {
    assertThatThrownBy(() -> Runs.resume(directory.resolve("nowhere"), NO_MORE))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("No run in");
    for (String json : List.of("", "{", "[]", "{\"format_version\": 2}")) {
      Path run = copyOfUnbroken("damaged-" + json.hashCode());
      Files.writeString(run.resolve("run.json"), json);
      assertThatThrownBy(() -> Runs.resume(run, NO_MORE))
          .as("run.json: %s", json)
          .isInstanceOf(BadInputException.class)
          .hasMessageContaining("run.json")
          .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }
    Path run = copyOfUnbroken("without-subject");
    com.fasterxml.jackson.databind.node.ObjectNode json =
        (com.fasterxml.jackson.databind.node.ObjectNode) Runs.json(run.resolve("run.json"));
    json.remove("subject");
    Files.writeString(run.resolve("run.json"), json.toString());
    assertThatThrownBy(() -> Runs.resume(run, NO_MORE)).isInstanceOf(BadInputException.class);
  }

  @Test
  void begin_overAnotherRun_isRefused() {
    assertThatThrownBy(() -> Runs.run(unbroken, SETTINGS, NO_MORE))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("resume " + unbroken);
  }

  private static Path stopped(String name, Path model, Path data) {
    Path run = directory.resolve(name);
    SearchSettings settings = Runs.settings(model, data, SETTINGS.search(), 1, 1);
    assertThatThrownBy(() -> Runs.run(run, settings, dyingAfter(4, 0))).hasMessage("killed");
    return run;
  }

  private static RunLog open(Path run) {
    return Runs.log(RunDirectory.open(run.toString(), Runs.HADOOP));
  }

  private static Path copyOfUnbroken(String name) throws IOException {
    Path copy = directory.resolve(name);
    org.apache.commons.io.FileUtils.copyDirectory(unbroken.toFile(), copy.toFile());
    return copy;
  }
}
