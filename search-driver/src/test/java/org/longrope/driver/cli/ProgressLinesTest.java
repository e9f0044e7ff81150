package org.longrope.driver.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.TasksInProgress;
import org.longrope.driver.run.SearchMetrics;
import org.longrope.driver.run.replay.RunState;
import org.longrope.driver.store.MeasurementLog;
import org.longrope.driver.store.NumberedTasks;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.training.LearningRateDecay;
import org.longrope.eval.training.Trainer;
import org.longrope.eval.training.TrainingPlan;

/** Lines of progress, by a clock that the tests set. */
class ProgressLinesTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = System.err;
  private long seconds;

  @BeforeEach
  void capture() {
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void restore() {
    System.setErr(err);
  }

  private long nanoTime() {
    return Duration.ofSeconds(seconds).toNanos();
  }

  /** Returns the lines printed since the last call. */
  private List<String> lines() {
    List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
    bytes.reset();
    return lines;
  }

  private static EvaluationTask evaluation(int number) {
    return new EvaluationTask(
        new Rescaling(RescaleFactors.uniform(4, 1), 0, 1),
        "document " + number,
        new Protocol.Truncated(64));
  }

  /** Progress of evaluations of one length, of which some had results before. */
  private MeasureProgress perplexity(int before, List<EvaluationTask> tasks) {
    MeasurementLog log = MeasurementLog.inMemory(new NumberedTasks(tasks));
    tasks.subList(0, before).forEach(task -> log.append(scored(task), NO_GROUP));
    return new MeasureProgress(
        "evaluations",
        tasks,
        log,
        task -> new MeasureProgress.Weight("", 1, 64, ""),
        this::nanoTime);
  }

  private static final TaskGroup NO_GROUP = TaskGroup.of("", "", List.of());

  private static TaskResult<DocumentScore> scored(EvaluationTask task) {
    return task.completed(new DocumentScore(task.documentId(), 1, 1, 1), "f32", null);
  }

  private static List<EvaluationTask> evaluations(int count) {
    return IntStream.range(0, count).mapToObj(ProgressLinesTest::evaluation).toList();
  }

  @Test
  void perplexity_longEvaluation_showsItsShareEveryTenSeconds() {
    List<EvaluationTask> tasks = evaluations(3);
    MeasureProgress progress = perplexity(1, tasks);
    for (seconds = 1; seconds <= 25; seconds++) {
      progress.waiting(new TasksInProgress(1, seconds / 50.0));
    }
    assertThat(lines())
        .containsExactly(
            "1/3 evaluations  1 running, 20 % done  ETA 90 s",
            "1/3 evaluations  1 running, 40 % done  ETA 80 s");
    seconds = 50;
    progress.accept(scored(tasks.get(1)));
    assertThat(lines()).containsExactly("2/3 evaluations  ETA 50 s");
    seconds = 90;
    progress.accept(scored(tasks.get(2)));
    assertThat(lines()).containsExactly("3/3 evaluations in 90 s");
  }

  @Test
  void perplexity_severalAtOnce_haveTheirPartInTheEta() {
    List<EvaluationTask> tasks = evaluations(8);
    MeasureProgress progress = perplexity(0, tasks);
    seconds = 99;
    progress.waiting(new TasksInProgress(4, 3.96));
    lines();
    seconds = 110;
    progress.accept(scored(tasks.get(0)));
    // Three others are through but for 1 %: two rounds of 110 s, of which one is over.
    assertThat(lines()).containsExactly("1/8 evaluations  ETA 112 s");
  }

  private static RunState state(long evaluated, long toGo, double deviceSeconds) {
    return new RunState(
        evaluated,
        evaluated,
        evaluated,
        evaluated,
        0,
        0,
        2,
        toGo,
        deviceSeconds,
        OptionalDouble.empty());
  }

  @Test
  void search_longEvaluation_tellsItsShareEveryHalfMinute() {
    SearchProgress progress = new SearchProgress(new SearchMetrics(), this::nanoTime);
    progress.begin(Double.NaN);
    for (seconds = 1; seconds <= 100; seconds++) {
      progress.waiting(new TasksInProgress(2, seconds / 50.0));
    }
    assertThat(lines())
        .containsExactly(
            "  scored no document yet  2 running, 30 % done",
            "  scored no document yet  2 running, 60 % done",
            "  scored no document yet  2 running, 90 % done");
    progress.evaluation(state(1, 9, 100));
    seconds = 131;
    progress.waiting(new TasksInProgress(2, 1.62));
    // 2.62 evaluations in 131 s: 7.38 more take 369 s.
    assertThat(lines())
        .singleElement()
        .asString()
        .startsWith(
            "  scored 1 document, at most 9 to go  2 running, 81 % done  0.02 evaluations/s  ETA"
                + " 6 min");
  }

  @Test
  void search_forecastThatWasFarOff_isCorrectedOnce() {
    SearchProgress progress = new SearchProgress(new SearchMetrics(), this::nanoTime);
    progress.begin(180);
    for (int n = 1; n <= 10; n++) {
      progress.evaluation(state(n, 20 - n, 7.2 * n));
    }
    assertThat(lines()).containsExactly("one evaluation takes about 7.2 s, not 3 min");
  }

  @Test
  void search_forecastThatHolds_isNotMentioned() {
    SearchProgress progress = new SearchProgress(new SearchMetrics(), this::nanoTime);
    progress.begin(8);
    for (int n = 1; n <= 10; n++) {
      progress.evaluation(state(n, 20 - n, 7.2 * n));
    }
    assertThat(lines()).isEmpty();
  }

  /** Both threads would read the clock before either had written its line. */
  @Test
  void search_toldByTwoThreadsAtOnce_writesOneLine() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    LongSupplier clock =
        () -> {
          if (seconds > 0) {
            try {
              both.await(500, TimeUnit.MILLISECONDS);
            } catch (Exception e) {
              both.reset(); // One thread alone, as it should be.
            }
          }
          return nanoTime();
        };
    SearchProgress progress = new SearchProgress(new SearchMetrics(), clock);
    seconds = 31;
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(() -> progress.evaluation(state(1, 9, 1)));
    progress.evaluation(state(1, 9, 1));
    other.get(1, TimeUnit.MINUTES);
    assertThat(lines()).hasSize(1);
  }

  private static Trainer.Step step(int number) {
    return new Trainer.Step(number, 2.5, 1, 1e-3);
  }

  private static TrainingPlan plan(int steps) {
    return new TrainingPlan(10, 2, 1, steps, 1e-3, 1, LearningRateDecay.CONSTANT, 0, 1, 1, false);
  }

  @Test
  void training_tellsItsFirstStepThenEveryTenthAndTheLast() {
    TrainingProgress progress = new TrainingProgress(plan(26), this::nanoTime);
    for (int number = 5; number <= 26; number++) {
      seconds++;
      progress.accept(step(number));
    }
    assertThat(lines())
        .hasSize(4)
        .satisfies(
            lines -> {
              assertThat(lines.get(0))
                  .isEqualTo("step 5/26  loss 2.5000  gradient norm 1.000  20 tokens/s  ETA 21 s");
              assertThat(lines.get(1)).startsWith("step 10/26");
              assertThat(lines.get(2)).startsWith("step 20/26");
              assertThat(lines.get(3)).startsWith("step 26/26");
            });
  }

  @Test
  void training_longSteps_areToldEveryHalfMinute() {
    TrainingProgress progress = new TrainingProgress(plan(100), this::nanoTime);
    for (int number = 1; number <= 9; number++) {
      seconds += 16;
      progress.accept(step(number));
    }
    assertThat(lines())
        .extracting(line -> line.substring(0, line.indexOf('/')))
        .containsExactly("step 1", "step 3", "step 5", "step 7", "step 9");
  }

  @Test
  void parts_haveTheirOwnCountsAndALineAtTheirEnds() {
    List<EvaluationTask> tasks = evaluations(4);
    MeasureProgress progress =
        new MeasureProgress(
            "questions",
            tasks,
            MeasurementLog.inMemory(new NumberedTasks(tasks)),
            task -> new MeasureProgress.Weight(task == tasks.get(3) ? "b " : "a ", 5, 1, ""),
            this::nanoTime);
    for (EvaluationTask task : tasks) {
      seconds += 5;
      progress.accept(scored(task));
    }
    assertThat(lines())
        .containsExactly(
            "a 10/15 questions  ETA 10 s", "a 15/15 questions  ETA 5 s", "b 5/5 questions in 20 s");
  }
}
