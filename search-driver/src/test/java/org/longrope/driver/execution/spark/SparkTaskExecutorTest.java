package org.longrope.driver.execution.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.DoubleAccumulator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.PasskeyTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.ResidentModels;
import org.longrope.driver.execution.worker.TaskDocuments;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.run.Runs;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import scala.jdk.javaapi.CollectionConverters;

/** Tests of failing evaluations on Spark in local mode, where Spark tries once. */
@Tag("numeric")
class SparkTaskExecutorTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final int LENGTH = 4 * TinyWorld.WINDOW;
  private static final FaultTolerance LIMITS = new FaultTolerance(null, Duration.ofSeconds(1));

  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final List<Double> loads = new CopyOnWriteArrayList<>();
  @TempDir private Path directory;
  private JavaSparkContext spark;

  @BeforeEach
  void startSpark() {
    ResidentModels.close(); // Of other tests in this process.
    spark = new SparkSettings("local[2]", Map.of()).start("test");
  }

  @AfterEach
  void stopSpark() {
    spark.stop();
    ResidentModels.close();
  }

  private static WorkerSpec setup(Path model, Path data) {
    return new WorkerSpec(
        new ModelSpec(
            model.toString(),
            Checkpoint.open(model).sha256(),
            AttentionWindow.CONFIG.toString(),
            new HadoopSettings(Map.of()),
            LENGTH,
            1),
        null,
        new TaskDocuments.Partition(
            data.toString(),
            EvaluationPartition.open(
                    new org.apache.hadoop.fs.Path(data.toString()), new Configuration())
                .manifest()
                .contentHash()));
  }

  private SparkTaskExecutor scorer(Path model, Path data, FaultTolerance limits) {
    return new SparkTaskExecutor(
        spark,
        setup(model, data),
        limits,
        0,
        new ExecutorListener() {
          @Override
          public void warning(String sentence) {
            warnings.add(sentence);
          }

          @Override
          public void modelLoaded(double seconds) {
            loads.add(seconds);
          }
        });
  }

  private SparkTaskExecutor scorer(FaultTolerance limits) {
    return scorer(WORLD.model(), WORLD.data(), limits);
  }

  private static EvaluationTask task(double factor, String document) {
    return new EvaluationTask(
        new Rescaling(RescaleFactors.uniform(TinyWorld.PAIRS, factor), 0, 1),
        document,
        new Protocol.Truncated(LENGTH));
  }

  private static TaskGroup group(String description, EvaluationTask... tasks) {
    return TaskGroup.of("test", description, List.of(tasks));
  }

  private static List<TaskResult<?>> take(TaskExecutor scorer, int answers) {
    return Stream.<TaskResult<?>>generate(scorer::take).limit(answers).toList();
  }

  private static List<EvaluationTask> tasks(List<TaskResult<?>> results) {
    return results.stream().map(result -> (EvaluationTask) result.task()).toList();
  }

  /** All answers until none come any more. */
  private static Throwable drain(TaskExecutor scorer, List<TaskResult<?>> answers) {
    return catchThrowable(
        () -> {
          while (true) {
            answers.add(scorer.take());
          }
        });
  }

  @Test
  void slots_areTheCoresAndNoneWithoutSpark() {
    try (SparkTaskExecutor scorer = scorer(LIMITS)) {
      assertThat(scorer.slots()).isEqualTo(2);
      spark.stop();
      assertThat(scorer.slots()).isZero();
    }
  }

  @Test
  void task_whileItIsEvaluated_tellsSparkItsShare() throws Exception {
    Queue<Double> shares = new ConcurrentLinkedQueue<>();
    spark
        .sc()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onTaskEnd(SparkListenerTaskEnd end) {
                CollectionConverters.asJava(end.taskInfo().accumulables()).stream()
                    .filter(value -> value.name().contains("evaluations done"))
                    .forEach(value -> shares.add((Double) value.update().get()));
              }
            });
    try (SparkTaskExecutor scorer = scorer(LIMITS)) {
      scorer.submit(group("one", task(4, "doc-0")));
      scorer.take();
    }
    spark.stop(); // Listeners have heard everything.
    // The last share is told before the output head's last part.
    assertThat(shares).singleElement().satisfies(share -> assertThat(share).isBetween(0.1, 1.0));
  }

  @Test
  void overlappingGroups_everyTaskIsAnsweredOnce() {
    EvaluationTask shared = task(4, "doc-2");
    List<EvaluationTask> submitted = new ArrayList<>();
    // A model of its own: a cancelled task of another test may load the shared one at any time.
    Path model = TinyWorld.model(directory.resolve("model"), 11);
    try (SparkTaskExecutor scorer = scorer(model, WORLD.data(), LIMITS)) {
      for (int g = 0; g < 8; g++) {
        EvaluationTask first = task(1 + g, "doc-0");
        EvaluationTask second = task(1 + g, "doc-1");
        scorer.submit(group("group " + g, first, shared, second));
        submitted.addAll(List.of(first, second));
      }
      submitted.add(shared);
      scorer.submit(group("nothing"));
      List<TaskResult<?>> answers = take(scorer, submitted.size());
      assertThat(tasks(answers)).containsExactlyInAnyOrderElementsOf(submitted);
      assertThat(answers).allMatch(TaskResult.Completed.class::isInstance);
      assertThatThrownBy(scorer::take)
          .isInstanceOf(IllegalStateException.class)
          .isNotInstanceOf(ExecutionFailure.class);
      // Answers to what had been answered may still come, and are none to what is asked later.
      EvaluationTask last = task(9, "doc-3");
      scorer.submit(group("last", last));
      assertThat(scorer.take().task()).isEqualTo(last);
    }
    assertThat(warnings).isEmpty();
    assertThat(loads).hasSize(1);
  }

  @Test
  void unknownDocument_stopsWithItsNameAfterTheOthersAnswers() {
    EvaluationTask[] others = {task(2, "doc-0"), task(2, "doc-1"), task(3, "doc-0")};
    List<TaskResult<?>> answers = new ArrayList<>();
    try (SparkTaskExecutor scorer = scorer(LIMITS)) {
      scorer.submit(group("candidate 7", task(2, "doc-99")));
      scorer.submit(group("candidate 8", others));
      assertThat(drain(scorer, answers))
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageContaining("There is no document doc-99 in " + WORLD.data());
    }
    assertThat(tasks(answers)).containsExactlyInAnyOrder(others);
    assertThat(answers).allMatch(TaskResult.Completed.class::isInstance);
    assertThat(warnings)
        .singleElement()
        .asString()
        .startsWith("candidate 7: There is no document doc-99")
        .endsWith("; trying again.");
  }

  @Test
  void dataThatVanishesMidway_stopsWithTheFilesName() throws IOException {
    Path data = directory.resolve("data");
    FileUtils.copyDirectory(WORLD.data().toFile(), data.toFile());
    try (SparkTaskExecutor scorer = scorer(WORLD.model(), data, LIMITS)) {
      scorer.submit(group("first", task(2, "doc-0")));
      assertThat(scorer.take()).isInstanceOf(TaskResult.Completed.class);
      FileUtils.deleteDirectory(data.toFile());
      // What an executor has read it needs not read again.
      scorer.submit(group("read", task(3, "doc-0")));
      assertThat(scorer.take()).isInstanceOf(TaskResult.Completed.class);
      scorer.submit(group("unread", task(3, "doc-1")));
      assertThatThrownBy(scorer::take)
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageContaining(data.toString())
          .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }
  }

  @Test
  void modelThatVanishes_isGivenUpAfterPatienceInOneSentence() throws IOException {
    Path model = TinyWorld.model(directory.resolve("model"), 3);
    try (SparkTaskExecutor scorer = scorer(model, WORLD.data(), LIMITS)) {
      FileUtils.deleteDirectory(model.toFile());
      scorer.submit(group("candidate 0", task(2, "doc-0"), task(2, "doc-1")));
      assertThatThrownBy(scorer::take)
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageStartingWith("Nothing has been evaluated for ")
          .hasMessageContaining("cannot load the model")
          .hasMessageContaining(model.toString())
          .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
    }
    assertThat(warnings)
        .isNotEmpty()
        .allMatch(warning -> warning.startsWith("candidate 0: an executor cannot evaluate: "));
  }

  @Test
  void modelThatComesBackWithinPatience_isLoadedAndEverythingAnswered() throws IOException {
    Path model = TinyWorld.model(directory.resolve("model"), 3);
    Path away = directory.resolve("away");
    try (SparkTaskExecutor scorer =
        scorer(model, WORLD.data(), new FaultTolerance(null, Duration.ofMinutes(2)))) {
      Files.move(model, away);
      EvaluationTask[] tasks = {task(2, "doc-0"), task(2, "doc-1")};
      scorer.submit(group("candidate 0", tasks));
      List<TaskResult<?>> answers = new ArrayList<>();
      Thread mending =
          new Thread(
              () -> {
                try {
                  while (warnings.isEmpty()) {
                    Thread.sleep(20);
                  }
                  Files.move(away, model);
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      mending.start();
      answers.addAll(take(scorer, tasks.length));
      assertThat(tasks(answers)).containsExactlyInAnyOrder(tasks);
      assertThat(answers).allMatch(TaskResult.Completed.class::isInstance);
    }
    assertThat(warnings).singleElement().asString().contains("cannot load the model");
  }

  @Test
  void evaluationBeyondItsDeadline_isTriedUntilPatienceIsOverAndNeverRejected() {
    List<TaskResult<?>> answers = new ArrayList<>();
    // Under a millisecond: over before the first layer.
    try (SparkTaskExecutor scorer =
        scorer(new FaultTolerance(Duration.ofNanos(1), Duration.ofSeconds(1)))) {
      scorer.submit(group("candidate 0", task(2, "doc-0")));
      assertThat(drain(scorer, answers))
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageMatching(
              "The evaluation of document doc-0 for candidate 0 took longer than its deadline of 0"
                  + " s, \\d+ times in \\d+ s: expected an end; see what slows executors down, or"
                  + " resume the run with a longer --deadline.");
    }
    assertThat(answers).isEmpty();
    assertThat(warnings)
        .hasSizeGreaterThan(1)
        .allMatch(
            warning ->
                warning.startsWith(
                        "the evaluation of document doc-0 for candidate 0 took longer than its"
                            + " deadline of 0 s on ")
                    && warning.endsWith(" and was stopped: trying again."));
  }

  @Test
  void task_onAnExecutorThatIsToAvoid_isDeclinedUnlessItIsTheOnlyOne() throws InterruptedException {
    String here = ExecutorName.own();
    assertThat(ExecutorName.live(spark.sc())).containsExactly(here);
    BlockingQueue<SparkJobs.Event> events = new LinkedBlockingQueue<>();
    SparkJobs jobs = new SparkJobs(spark, setup(WORLD.model(), WORLD.data()), events);
    TaskGroup group = group("candidate 0", task(2, "doc-0"));

    jobs.submit(group, Duration.ofMinutes(1), Set.of(here));
    assertThat(((SparkJobs.Attempted) events.take()).attempt())
        .isInstanceOf(TaskAttempt.Completed.class);

    DoubleAccumulator done = spark.sc().doubleAccumulator();
    List<TaskAttempt> declined =
        spark
            .parallelize(group.tasks(), 1)
            .mapPartitions(
                tasks ->
                    List.of(
                            new RunTask(
                                    setup(WORLD.model(), WORLD.data()), 60_000, Set.of(here), done)
                                .apply(scala.jdk.javaapi.CollectionConverters.asScala(tasks)))
                        .iterator())
            .collect();
    assertThat(declined).containsExactly(new TaskAttempt.Declined());
    jobs.cancel();
  }

  @Test
  void sparkThatIsGone_stopsWithASentence() {
    try (SparkTaskExecutor scorer = scorer(LIMITS)) {
      scorer.submit(group("first", task(2, "doc-0")));
      assertThat(scorer.take()).isInstanceOf(TaskResult.Completed.class);
      spark.stop();
      scorer.submit(group("second", task(3, "doc-0")));
      assertThatThrownBy(scorer::take)
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageStartingWith("Spark has ended the application");
    }
  }

  @Test
  void sparkThatEndsMidway_stopsAfterTheAnswersThatCame() {
    List<EvaluationTask> tasks =
        Stream.iterate(1, i -> i + 1).limit(200).map(i -> task(1 + 0.01 * i, "doc-0")).toList();
    List<TaskResult<?>> answers = new ArrayList<>();
    try (SparkTaskExecutor scorer = scorer(LIMITS)) {
      scorer.submit(TaskGroup.of("test", "many", tasks));
      answers.add(scorer.take());
      spark.stop();
      assertThat(drain(scorer, answers))
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageStartingWith("Spark has ended the application");
    }
    assertThat(tasks(answers)).doesNotHaveDuplicates().isSubsetOf(tasks);
    assertThat(answers).allMatch(TaskResult.Completed.class::isInstance);
  }

  /** Tasks of the other measurements have deadlines and retries as evaluations do. */
  @Test
  void passkeyTrialBeyondItsDeadline_isRetriedUntilTheTimeoutIsOver() {
    Path model = TinyWorld.textModel(directory.resolve("text-model"), 3);
    WorkerSpec spec = setup(model, WORLD.data());
    FaultTolerance limits = new FaultTolerance(Duration.ofNanos(1), Duration.ofSeconds(1));
    PasskeyTask trial =
        new PasskeyTask(
            new PasskeyTrial(300, 0.5, 12_345, 1),
            true,
            FactorTable.constant(new Rescaling(RescaleFactors.uniform(TinyWorld.PAIRS, 1), 0, 1)),
            DocumentTokenizer.hash(model),
            null);
    try (SparkTaskExecutor executor =
        new SparkTaskExecutor(
            spark,
            new WorkerSpec(spec.model(), trial.tokenizerHash(), null),
            limits,
            0,
            new ExecutorListener() {
              @Override
              public void warning(String sentence) {
                warnings.add(sentence);
              }

              @Override
              public void modelLoaded(double seconds) {}
            })) {
      executor.submit(TaskGroup.of("passkey", "300 tokens", List.of(trial)));
      assertThatThrownBy(executor::take)
          .isInstanceOf(ExecutionFailure.class)
          .hasMessageContaining("depth 0.50 with key 12345 for 300 tokens took longer than its");
    }
    assertThat(warnings).isNotEmpty();
  }

  @Test
  void documentsThatTravelWithTheTasks_areEvaluatedAsThoseOfThePartition() {
    WorkerSpec spec = setup(WORLD.model(), WORLD.data());
    int[] sequence =
        EvaluationPartition.open(
                new org.apache.hadoop.fs.Path(WORLD.data().toString()), new Configuration())
            .sequence("doc-0");
    TaskDocuments inline = new TaskDocuments.Inline(new HashMap<>(Map.of("doc-0", sequence)));
    List<TaskResult<?>> results = new ArrayList<>();
    for (WorkerSpec one : List.of(spec, new WorkerSpec(spec.model(), null, inline))) {
      try (SparkTaskExecutor executor =
          new SparkTaskExecutor(spark, one, LIMITS, 0, Runs.SILENT_EXECUTORS)) {
        executor.submit(group("one", task(4, "doc-0")));
        results.add(executor.take());
      }
    }
    assertThat(((DocumentScore) ((TaskResult.Completed<?>) results.get(1)).value()).nll())
        .isEqualTo(((DocumentScore) ((TaskResult.Completed<?>) results.get(0)).value()).nll());
  }
}
