package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.search.genetic.GeneticConfig;

/** A run whose disk is full waits for room, and never leaves a journal that cannot be read. */
class FullDiskTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final Configuration HADOOP = FullDisk.hadoop();
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

  private final List<String> warnings = new ArrayList<>();

  @BeforeAll
  static void runWithRoom() {
    unbroken = directory.resolve("unbroken");
    summary = Runs.run(unbroken, SETTINGS, Runs.synthetic());
  }

  @AfterEach
  void makeRoom() {
    FullDisk.reset();
  }

  private String run(Path output, TaskExecutor scorer) {
    return execute(begin(output), scorer);
  }

  private static SearchRun begin(Path output) {
    RunDirectory run = RunDirectory.create(FullDisk.location(output), HADOOP);
    return SearchRun.begin(SETTINGS, run, HADOOP);
  }

  private String execute(SearchRun run, TaskExecutor scorer) {
    return run.execute(scorer, Runs.SURROGATE, Runs.warnings(warnings::add));
  }

  private static void assertLikeUnbroken(Path run) {
    for (String file : List.of("factors.json", "summary.json", "summary.txt", "run.json")) {
      assertThat(run.resolve(file)).hasSameBinaryContentAs(unbroken.resolve(file));
    }
    RunLog journal = Runs.log(RunDirectory.open(run.toString(), Runs.HADOOP));
    RunLog whole = Runs.log(RunDirectory.open(unbroken.toString(), Runs.HADOOP));
    assertThat(journal.results().keySet())
        .containsExactlyInAnyOrderElementsOf(whole.results().keySet());
    assertThat(journal.entries()).hasSameSizeAs(whole.entries());
    assertThat(Runs.resume(run, NO_MORE)).isEqualTo(summary);
  }

  private static boolean isTorn(Path segment) {
    return !Runs.text(segment).endsWith("\n");
  }

  /**
   * Runs a search on a disk that fills up.
   *
   * @param flushes whether records are flushed into one segment, or are a segment each
   * @param writes to the journal before there is no room
   * @param failures until there is room again
   */
  @ParameterizedTest
  @CsvSource({"true, 0, 1", "true, 9, 1", "true, 9, 2", "false, 0, 1", "false, 9, 2"})
  void journal_roomComesBack_runEndsLikeTheUnbroken(boolean flushes, int writes, int failures) {
    Path run = directory.resolve("room-comes-back-" + flushes + writes + failures);
    FullDisk.flushes = flushes;
    FullDisk.fillsUp("segment", writes, failures);
    assertThat(run(run, Runs.synthetic())).isEqualTo(summary);
    assertThat(warnings)
        .containsExactly(
            "Cannot append to the log of " + run + ": No space left on device; trying for 2 s.");
    List<Path> segments = Runs.segments(run);
    assertThat(segments.get(segments.size() - 1)).matches(segment -> !isTorn(segment));
    assertLikeUnbroken(run);
  }

  @Test
  void journal_roomThatComesBack_leavesATornSegmentInTheMiddle() {
    Path run = directory.resolve("torn");
    FullDisk.fillsUp("segment", 9, 2);
    run(run, Runs.synthetic());
    assertThat(Runs.segments(run)).hasSizeGreaterThan(1);
    assertThat(Runs.segments(run).get(0)).matches(FullDiskTest::isTorn);
    assertLikeUnbroken(run);
  }

  @Test
  void journal_noRoomForLongerThanPatience_stopsWithASentenceAndGoesOnWithRoom() {
    Path run = directory.resolve("no-room");
    FullDisk.fillsUp("", 20, FullDisk.FOR_EVER);
    assertThatThrownBy(() -> run(run, Runs.synthetic()))
        .isInstanceOf(ExecutionFailure.class)
        .hasMessage(
            "Cannot append to the log of "
                + run
                + ": No space left on device; make room or repair the file system, and resume the"
                + " run.");
    int kept = Runs.log(RunDirectory.open(run.toString(), Runs.HADOOP)).results().size();
    assertThat(kept).isPositive();
    FullDisk.reset();
    int[] evaluated = {0};
    String resumed =
        Runs.resume(
            run,
            Runs.scorer(
                (tasks, answers) -> {
                  evaluated[0] += tasks.size();
                  tasks.stream().map(Runs::synthetic).forEach(answers);
                }));
    assertThat(resumed).isEqualTo(summary);
    assertThat(kept + evaluated[0]).isEqualTo(Runs.evaluations(unbroken).size());
    assertLikeUnbroken(run);
  }

  @Test
  void journal_cannotBeReadWhenItIsClaimed_isClaimedAgain() {
    Path run = directory.resolve("claimed");
    SearchRun begun = begin(run);
    FullDisk.failsToList(1);
    assertThat(execute(begun, Runs.synthetic())).isEqualTo(summary);
    assertThat(warnings).singleElement().asString().contains("Input/output error");
    assertLikeUnbroken(run);
  }

  @Test
  void factors_noRoomWhileTheBestIsFound_areWrittenWhenThereIs() {
    Path run = directory.resolve("factors");
    FullDisk.fillsUp("factors.json", 0, FullDisk.FOR_EVER);
    String found =
        run(
            run,
            Runs.scorer(
                (tasks, answers) -> {
                  // The methods at the original window, the last to be evaluated.
                  if (tasks.get(0).protocol().length() == TinyWorld.WINDOW) {
                    FullDisk.reset();
                  }
                  tasks.stream().map(Runs::synthetic).forEach(answers);
                }));
    assertThat(found).isEqualTo(summary);
    assertThat(warnings).isNotEmpty().allMatch(warning -> warning.contains("No space left"));
    assertLikeUnbroken(run);
  }

  @Test
  void results_noRoom_areWrittenByAResume() throws IOException {
    Path run = directory.resolve("results");
    FullDisk.fillsUp("summary", 0, FullDisk.FOR_EVER);
    assertThatThrownBy(() -> run(run, Runs.synthetic()))
        .hasStackTraceContaining("No space left on device");
    assertThat(Files.exists(run.resolve("summary.txt"))).isFalse();
    assertThat(Runs.resume(run, NO_MORE)).isEqualTo(summary);
    assertLikeUnbroken(run);
  }

  @Test
  void begin_noRoom_isRefusedInOneSentence() {
    FullDisk.fillsUp("", 0, FullDisk.FOR_EVER);
    Path run = directory.resolve("never-begun");
    assertThatThrownBy(() -> run(run, NO_MORE))
        .isInstanceOf(org.longrope.eval.BadInputException.class)
        .hasMessageContaining("Cannot write into " + run + ": No space left on device")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  /** A process that was cut off must not take the run back from the one that goes on with it. */
  @Test
  void journal_claimedByAnotherWhileNothingCouldBeWritten_isLeftWhenThereIsRoom() {
    Path run = directory.resolve("cut-off");
    assertThatThrownBy(() -> Runs.run(run, SETTINGS, NO_MORE)).isInstanceOf(AssertionError.class);
    RunDirectory cutOff = RunDirectory.open(FullDisk.location(run), HADOOP);
    TaskResult<?>[] evaluations = Runs.evaluationsOf(unbroken).limit(3).toArray(TaskResult[]::new);
    TaskGroup group = TaskGroup.of("baseline", "", List.of());
    try (RunLog older = Runs.claim(cutOff)) {
      older.append(evaluations[0], group);
      FullDisk.fillsUp("segment", 0, 3);
      for (int failure = 0; failure < 3; failure++) {
        assertThatThrownBy(() -> older.append(evaluations[1], group))
            .isInstanceOf(UncheckedIOException.class);
      }
      try (RunLog newer = Runs.claim(RunDirectory.open(run.toString(), Runs.HADOOP))) {
        newer.append(evaluations[1], group);
        assertThatThrownBy(() -> older.append(evaluations[2], group))
            .isInstanceOf(ExecutionFailure.class)
            .hasMessageContaining("Another process works on");
        newer.append(evaluations[2], group);
      }
    }
    assertThat(Runs.log(cutOff).results().values()).containsExactly(evaluations);
  }
}
