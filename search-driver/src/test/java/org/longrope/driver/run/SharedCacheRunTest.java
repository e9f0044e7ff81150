package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunState;
import org.longrope.driver.run.results.RunStatus;
import org.longrope.driver.run.settings.SearchSchema;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.BadInputException;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.search.GenerationStats;
import org.longrope.search.ScreeningStats;
import org.longrope.search.genetic.GeneticConfig;

/** Runs that share their evaluations. */
class SharedCacheRunTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final SearchSettings SETTINGS = settings(3);

  @TempDir static Path directory;
  private static Path ledger;
  private static Path first;
  private static String summary;
  private static int all;

  private final List<EvaluationTask> evaluated = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<RunState> states = new ArrayList<>();
  private long reused = -1;

  @BeforeAll
  static void runTheFirst() {
    ledger = directory.resolve("ledger");
    first = directory.resolve("first");
    summary =
        begin(SETTINGS, ledger, first)
            .execute(Runs.synthetic(), Runs.SURROGATE, RunListener.SILENT);
    all = Runs.evaluations(first).size();
  }

  @AfterEach
  void makeRoom() {
    FullDisk.reset();
  }

  private static SearchSettings settings(long seed) {
    return Runs.settings(
        WORLD.model(), WORLD.data(), new GeneticConfig(4, 2, 1, 1, 2, 0.5, seed), 1, 1);
  }

  private static SearchRun begin(SearchSettings settings, Path ledger, Path output) {
    return SearchRun.begin(
        settings,
        ledger == null ? null : ledger.toString(),
        RunDirectory.create(output.toString(), Runs.HADOOP),
        Runs.HADOOP);
  }

  private String execute(
      SearchRun run, Function<EvaluationTask, TaskResult<DocumentScore>> evaluator) {
    return execute(run, evaluator, Integer.MAX_VALUE);
  }

  /** Dies after so many evaluations. */
  private String execute(
      SearchRun run,
      Function<EvaluationTask, TaskResult<DocumentScore>> evaluator,
      int evaluations) {
    evaluated.clear();
    TaskExecutor scorer =
        Runs.scorer(
            (tasks, answers) -> {
              for (EvaluationTask task : tasks) {
                if (evaluated.size() == evaluations) {
                  throw new IllegalStateException("killed");
                }
                evaluated.add(task);
                answers.accept(evaluator.apply(task));
              }
            });
    return run.execute(
        scorer,
        Runs.SURROGATE,
        new RunListener() {
          @Override
          public void baselines(Map<String, Double> perplexities) {}

          @Override
          public void generation(
              GenerationStats stats,
              Optional<ScreeningStats> surrogate,
              int iterations,
              RunState state) {}

          @Override
          public void evaluation(RunState state) {
            states.add(state);
          }

          @Override
          public void reused(long evaluations, String where) {
            reused = evaluations;
          }

          @Override
          public void warning(String sentence) {
            warnings.add(sentence);
          }
        });
  }

  private String execute(SearchRun run) {
    return execute(run, Runs::synthetic);
  }

  private static void assertLikeTheFirst(Path run) {
    for (String file : List.of("factors.json", "summary.json", "summary.txt")) {
      assertThat(run.resolve(file)).hasSameBinaryContentAs(first.resolve(file));
    }
    assertThat(Runs.journalContents(run)).isEqualTo(Runs.journalContents(first));
  }

  private static Path copyOfLedger(String name) throws IOException {
    Path copy = directory.resolve(name);
    org.apache.commons.io.FileUtils.copyDirectory(ledger.toFile(), copy.toFile());
    return copy;
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void secondRun_ofTheSameSearch_evaluatesOneDocumentAndEndsAsTheFirst() {
    Path second = directory.resolve("second");
    assertThat(execute(begin(SETTINGS, ledger, second))).isEqualTo(summary);
    assertThat(evaluated).hasSize(1);
    assertThat(reused).isEqualTo(all - 1);
    assertThat(warnings).isEmpty();
    assertLikeTheFirst(second);
    assertThat(second.resolve("run.json")).hasSameBinaryContentAs(first.resolve("run.json"));
    assertThat(Runs.json(second.resolve("run.json")).path("ledger").asText())
        .isEqualTo(ledger.toString());
    // The journal is whole: the ledger is not needed any more.
    SearchRun alone =
        SearchRun.resume(
            RunDirectory.open(second.toString(), Runs.HADOOP),
            SETTINGS.limits(),
            null,
            Runs.HADOOP);
    assertThat(execute(alone)).isEqualTo(summary);
    assertThat(evaluated).isEmpty();
  }

  @Test
  void factors_ofARunWithoutALedger_areTheSame() {
    Path without = directory.resolve("without");
    assertThat(execute(begin(SETTINGS, null, without))).isEqualTo(summary);
    assertThat(reused).isEqualTo(-1);
    assertLikeTheFirst(without);
    assertThat(Runs.json(without.resolve("run.json")).has("ledger")).isFalse();
  }

  @Test
  void rates_areThoseOfEvaluatorsAlone() {
    Function<EvaluationTask, TaskResult<DocumentScore>> timed =
        task -> {
          DocumentScore score = Runs.synthetic(task).value();
          return task.completed(
              new DocumentScore(score.documentId(), score.nll(), score.tokens(), 2), "f32", null);
        };
    Path shared = directory.resolve("timed-ledger");
    execute(begin(SETTINGS, shared, directory.resolve("timed")), timed);
    RunState last = states.get(states.size() - 1);
    assertThat(last.live()).isEqualTo(all);
    assertThat(last.deviceSeconds()).isEqualTo(2.0 * all);

    states.clear();
    Path second = directory.resolve("timed-again");
    execute(begin(SETTINGS, shared, second), timed);
    assertThat(states).hasSize(all);
    for (RunState state : states) {
      assertThat(state.live()).isEqualTo(1);
      assertThat(state.liveHere()).isEqualTo(1);
      assertThat(state.tokensHere()).isEqualTo(evaluated.get(0).protocol().length() - 1);
      assertThat(state.deviceSecondsToGo()).isEqualTo(2.0 * state.toGo());
    }
    assertThat(states.get(0).toGo()).isPositive();
    assertThat(states.get(all - 1).evaluatedHere()).isEqualTo(all);
    // From the journal it is the same.
    RunStatus status = RunStatus.of(RunDirectory.open(second.toString(), Runs.HADOOP));
    assertThat(status.state().live()).isEqualTo(1);
    assertThat(status.state().liveHere()).isZero();
    assertThat(status.evaluations()).hasSize(1);
  }

  @Test
  void runWithAnotherSeed_sharesTheBaselines() throws IOException {
    // As many documents as there are: all seeds draw the same.
    GeneticConfig search = new GeneticConfig(4, 2, 1, 1, 2, 0.5, 3);
    GeneticConfig otherSeed = new GeneticConfig(4, 2, 1, 1, 2, 0.5, 4);
    Path shared = directory.resolve("all-documents");
    Path one = directory.resolve("one-seed");
    execute(begin(Runs.settings(WORLD.model(), WORLD.data(), search, 6, 0), shared, one));
    int baselines =
        (int) Runs.evaluations(one).stream().filter(l -> l.contains("\"baseline\"")).count();
    assertThat(baselines).isPositive();
    execute(
        begin(
            Runs.settings(WORLD.model(), WORLD.data(), otherSeed, 6, 0),
            shared,
            directory.resolve("other-seed")));
    assertThat(reused).isGreaterThanOrEqualTo(baselines - 1);
    assertThat(evaluated)
        .filteredOn(task -> task.rescaling().factors().get(0) == 1)
        .filteredOn(task -> task.protocol().length() == TinyWorld.WINDOW)
        .filteredOn(task -> task.rescaling().factors().get(TinyWorld.PAIRS - 1) == 1)
        .isEmpty();
  }

  @Test
  void cache_ofARunWithOtherThreads_isUsed() {
    SearchSettings two = SETTINGS.with(SearchSchema.THREADS, 2);
    execute(begin(two, ledger, directory.resolve("two-threads")));
    assertThat(evaluated).hasSize(1);
    assertThat(reused).isEqualTo(all - 1);
  }

  @Test
  void evaluators_ofAnotherType_areNotAnsweredFor() {
    Function<EvaluationTask, TaskResult<DocumentScore>> half =
        task -> task.completed(Runs.synthetic(task).value(), "bf16", null);
    execute(begin(SETTINGS, ledger, directory.resolve("half")), half);
    assertThat(evaluated).hasSize(all);
    assertThat(warnings).isEmpty();
    execute(begin(SETTINGS, ledger, directory.resolve("half-again")), half);
    assertThat(evaluated).hasSize(1);
  }

  @Test
  void evaluators_withOtherBits_areWarnedOfAndEvaluateEverything() {
    Function<EvaluationTask, TaskResult<DocumentScore>> otherBits =
        task -> {
          DocumentScore score = Runs.synthetic(task).value();
          return task.completed(
              new DocumentScore(score.documentId(), Math.nextUp(score.nll()), score.tokens(), 0),
              "f32",
              null);
        };
    execute(begin(SETTINGS, ledger, directory.resolve("other-bits")), otherBits);
    assertThat(evaluated).hasSize(all);
    assertThat(reused).isZero();
    assertThat(warnings).singleElement().asString().contains("comes from another kind");
  }

  @Test
  void killedRun_resumedWithItsLedger_evaluatesWhatIsMissing() {
    Path own = directory.resolve("own-ledger");
    Path run = directory.resolve("killed");
    SearchRun begun = begin(SETTINGS, own, run);
    assertThatThrownBy(() -> execute(begun, Runs::synthetic, 9)).hasMessage("killed");
    RunDirectory there = RunDirectory.open(run.toString(), Runs.HADOOP);
    assertThat(SearchRun.cache(there)).isEqualTo(own.toString());
    // What the killed process has added is there.
    execute(begin(SETTINGS, own, directory.resolve("beside")), Runs::synthetic);
    assertThat(reused).isEqualTo(8);
    assertThat(evaluated).hasSize(all - 8);
    // And what another one added meanwhile spares the rest, the first evaluation included.
    assertThat(execute(SearchRun.resume(there, Runs.HADOOP))).isEqualTo(summary);
    assertThat(evaluated).isEmpty();
    assertThat(reused).isEqualTo(all - 9);
    assertLikeTheFirst(run);
  }

  @Test
  void orResume_withAnotherLedger_goesOn() {
    Path run = directory.resolve("or-resume");
    SearchRun begun =
        SearchRun.beginOrResume(SETTINGS, ledger.toString(), run.toString(), Runs.HADOOP);
    assertThatThrownBy(() -> execute(begun, Runs::synthetic, 0)).hasMessage("killed");
    for (String other : new String[] {null, ledger.toString()}) {
      SearchRun again = SearchRun.beginOrResume(SETTINGS, other, run.toString(), Runs.HADOOP);
      assertThat(execute(again)).isEqualTo(summary);
    }
    assertLikeTheFirst(run);
  }

  @Test
  void damagedLedger_isRefusedBeforeAnythingIsWritten() throws IOException {
    Path damaged = copyOfLedger("damaged");
    Path file = files(damaged).get(0);
    Files.writeString(file, Files.readString(file).replaceFirst("\"nll\":\\d", "\"nll\":9"));
    Path run = directory.resolve("never-begun");
    assertThatThrownBy(() -> begin(SETTINGS, damaged, run))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Line 2 of " + file + " is damaged");
    assertThat(run).doesNotExist();
  }

  @Test
  void asynchronousRun_withALedger_endsAndIsReplayedWithoutIt() {
    SearchSettings asynchronous = Runs.asynchronous(SETTINGS);
    Path one = directory.resolve("asynchronous");
    execute(begin(asynchronous, ledger, one));
    assertThat(reused).isPositive();
    SearchRun again =
        SearchRun.resume(
            RunDirectory.open(one.toString(), Runs.HADOOP), SETTINGS.limits(), null, Runs.HADOOP);
    execute(again);
    assertThat(evaluated).isEmpty();
  }

  /** On a disk that holds the ledger alone. */
  @Test
  void cache_thatCannotBeWritten_isReportedOnceAndTheRunContinues() {
    Path full = directory.resolve("full");
    FullDisk.fillsUp(".jsonl", 5, FullDisk.FOR_EVER);
    Configuration hadoop = FullDisk.hadoop();
    Path run = directory.resolve("on-a-full-disk");
    SearchRun begun =
        SearchRun.begin(
            SETTINGS, FullDisk.location(full), RunDirectory.create(run.toString(), hadoop), hadoop);
    assertThat(execute(begun)).isEqualTo(summary);
    assertThat(warnings)
        .containsExactly(
            "Cannot extend the evaluation cache "
                + full
                + ": No space left on device; the run continues, its evaluations are not added to"
                + " the cache.");
    assertLikeTheFirst(run);
    FullDisk.reset();
    execute(begin(SETTINGS, full, directory.resolve("with-room")));
    assertThat(reused).isEqualTo(4 - 1);
    assertThat(warnings).hasSize(1);
  }

  @Test
  void cache_thatCannotBeRead_isRefused() {
    FullDisk.failsToList(1);
    Configuration hadoop = FullDisk.hadoop();
    assertThatThrownBy(
            () ->
                SearchRun.begin(
                    SETTINGS,
                    FullDisk.location(ledger),
                    RunDirectory.create(directory.resolve("unread").toString(), hadoop),
                    hadoop))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Input/output error: expected an evaluation cache that can be read")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @Test
  void limits_andCache_areThoseOfTheResume() {
    Path run = directory.resolve("limits");
    SearchRun begun = begin(SETTINGS, ledger, run);
    assertThatThrownBy(() -> execute(begun, Runs::synthetic, 0)).hasMessage("killed");
    FaultTolerance longer = new FaultTolerance(null, java.time.Duration.ofSeconds(7));
    Path other = directory.resolve("other-ledger");
    SearchRun resumed =
        SearchRun.resume(
            RunDirectory.open(run.toString(), Runs.HADOOP), longer, other.toString(), Runs.HADOOP);
    assertThat(resumed.limits()).isEqualTo(longer);
    execute(resumed);
    assertThat(evaluated).hasSize(all);
    assertThat(other).isDirectory();
  }
}
