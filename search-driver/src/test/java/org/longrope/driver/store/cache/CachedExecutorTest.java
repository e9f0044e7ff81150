package org.longrope.driver.store.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.Runs;
import org.longrope.eval.perplexity.DocumentScore;

/** Tests of the choice between evaluation and cache. */
class CachedExecutorTest {
  @TempDir Path directory;

  private final List<EvaluationTask> evaluated = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  private static List<EvaluationTask> tasks(int from, int to) {
    return IntStream.range(from, to).mapToObj(TinyCache::task).toList();
  }

  private CachedExecutor scorer(
      List<TaskResult<?>> journalled,
      Function<EvaluationTask, TaskResult<DocumentScore>> evaluator) {
    return new CachedExecutor(
        Runs.local(
            task -> {
              evaluated.add(task);
              return evaluator.apply(task);
            }),
        TinyCache.open(directory),
        journalled,
        warnings::add);
  }

  /** A process from beginning to end, in groups of two tasks. */
  private List<TaskResult<?>> score(CachedExecutor scorer, List<EvaluationTask> tasks) {
    evaluated.clear();
    try (scorer) {
      for (int t = 0; t < tasks.size(); t += 2) {
        scorer.submit(
            TaskGroup.of("phase", "group", tasks.subList(t, Math.min(tasks.size(), t + 2))));
      }
      return tasks.stream().<TaskResult<?>>map(task -> scorer.take()).toList();
    }
  }

  private List<TaskResult<?>> score(String computeType, int from, int to) {
    return score(scorer(List.of(), task -> TinyCache.scored(task, computeType)), tasks(from, to));
  }

  private static void assertAnswers(
      List<TaskResult<?>> answers, String computeType, int from, int to) {
    assertThat(answers)
        .extracting(result -> (EvaluationTask) result.task())
        .containsExactlyInAnyOrderElementsOf(tasks(from, to));
    for (TaskResult<?> answer : answers) {
      Runs.Scored given = Runs.Scored.of(answer);
      DocumentScore live = TinyCache.scored(given.task(), computeType).value();
      assertThat(((TaskResult.Completed<?>) answer).computeType()).isEqualTo(computeType);
      assertThat(given.score().documentId()).isEqualTo(live.documentId());
      assertThat(given.score().nll()).isEqualTo(live.nll());
      assertThat(given.score().tokens()).isEqualTo(live.tokens());
    }
  }

  @Test
  void anotherProcess_withTheSameTasks_evaluatesTheFirstAlone() {
    score("f32", 0, 7);
    assertThat(evaluated).isEqualTo(tasks(0, 7));
    assertAnswers(score("f32", 0, 7), "f32", 0, 7);
    assertThat(evaluated).isEqualTo(tasks(0, 1));
    assertThat(warnings).isEmpty();
  }

  @Test
  void tasks_thatTheLedgerDoesNotKnow_areEvaluatedAndKept() {
    score("f32", 0, 4);
    assertAnswers(score("f32", 2, 8), "f32", 2, 8);
    assertThat(evaluated)
        .containsExactlyInAnyOrderElementsOf(
            List.of(
                TinyCache.task(2),
                TinyCache.task(4),
                TinyCache.task(5),
                TinyCache.task(6),
                TinyCache.task(7)));
    score("f32", 0, 8);
    assertThat(evaluated).hasSize(1);
    // What was known was not kept twice.
    assertThat(TinyCache.files(directory)).hasSize(2);
  }

  @Test
  void answered_countsWhatTheLedgerGave() {
    TinyCache.fill(directory, 0, 5);
    CachedExecutor scorer = scorer(List.of(), task -> TinyCache.scored(task, "f32"));
    score(scorer, tasks(0, 6));
    assertThat(scorer.answered()).isEqualTo(4);
    assertThat(scorer.slots()).isEqualTo(1);
  }

  @Test
  void entries_ofAnotherType_areNoAnswers() {
    score("f32", 0, 4);
    assertAnswers(score("bf16", 0, 4), "bf16", 0, 4);
    assertThat(evaluated).containsExactlyInAnyOrderElementsOf(tasks(0, 4));
    // One ledger for both from now on.
    for (String type : List.of("bf16", "f32")) {
      assertAnswers(score(type, 0, 4), type, 0, 4);
      assertThat(evaluated).hasSize(1);
    }
    assertThat(warnings).isEmpty();
  }

  @Test
  void journal_thatTellsTheType_sparesTheFirstEvaluation() {
    score("f32", 0, 4);
    List<TaskResult<?>> journalled = List.of(TinyCache.scored(TinyCache.task(0), "f32"));
    List<TaskResult<?>> answers =
        score(scorer(journalled, task -> TinyCache.scored(task, "f32")), tasks(1, 4));
    assertAnswers(answers, "f32", 1, 4);
    assertThat(evaluated).isEmpty();
  }

  @Test
  void journal_ofAnotherType_isAnsweredInItsOwn() {
    score("f32", 0, 4);
    List<TaskResult<?>> journalled = List.of(TinyCache.scored(TinyCache.task(0), "bf16"));
    score(scorer(journalled, task -> TinyCache.scored(task, "bf16")), tasks(1, 4));
    assertThat(evaluated).isEqualTo(tasks(1, 4));
  }

  @Test
  void rejections_areNeverKept() {
    Function<EvaluationTask, TaskResult<DocumentScore>> broken =
        task -> new TaskResult.Rejected<>(task, "broken");
    score(scorer(List.of(), broken), tasks(0, 3));
    score("f32", 0, 3);
    assertThat(evaluated).hasSize(3);
  }

  @Test
  void firstTask_rejected_anotherTellsTheType() {
    score("f32", 0, 5);
    List<TaskResult<?>> answers =
        score(
            scorer(
                List.of(),
                task ->
                    task.equals(TinyCache.task(0))
                        ? new TaskResult.Rejected<>(task, "broken")
                        : TinyCache.scored(task, "f32")),
            tasks(0, 5));
    assertThat(answers).hasSize(5).filteredOn(TaskResult.Rejected.class::isInstance).hasSize(1);
    assertThat(evaluated).isEqualTo(tasks(0, 2));
  }

  /** Returns a score of other bits than {@link TinyCache#scored}. */
  private static TaskResult<DocumentScore> otherBits(EvaluationTask task) {
    DocumentScore score = TinyCache.scored(task, "f32").value();
    return task.completed(
        new DocumentScore(score.documentId(), Math.nextUp(score.nll()), score.tokens(), 0.1),
        "f32",
        null);
  }

  @Test
  void devicesOfAnotherKind_leaveTheLedgerAlone() {
    score("f32", 0, 4);
    List<TaskResult<?>> answers =
        score(scorer(List.of(), CachedExecutorTest::otherBits), tasks(0, 8));
    assertThat(evaluated).containsExactlyInAnyOrderElementsOf(tasks(0, 8));
    assertThat(answers)
        .containsExactlyInAnyOrderElementsOf(
            tasks(0, 8).stream().<TaskResult<?>>map(CachedExecutorTest::otherBits).toList());
    assertThat(warnings)
        .singleElement()
        .asString()
        .contains("the evaluation cache " + directory, "comes from another kind of CPU or GPU");
  }

  private static List<EvaluationTask> numbered(int... numbers) {
    return IntStream.of(numbers).mapToObj(TinyCache::task).toList();
  }

  /**
   * Fills one cache by two kinds of hardware at a time, neither of which sees the other's entries.
   */
  @Test
  void files_ofAnotherKind_areNotBelievedByAnAnswerOfThisOne() {
    CachedExecutor one = scorer(List.of(), task -> TinyCache.scored(task, "f32"));
    CachedExecutor other = scorer(List.of(), CachedExecutorTest::otherBits);
    score(one, tasks(0, 5));
    score(other, tasks(5, 10));
    List<TaskResult<?>> answers =
        score(scorer(List.of(), task -> TinyCache.scored(task, "f32")), numbered(2, 7, 3, 8, 4, 9));
    assertThat(evaluated).containsExactlyInAnyOrderElementsOf(numbered(2, 7, 8, 9));
    assertThat(answers)
        .extracting(answer -> ((TaskResult.Completed<DocumentScore>) answer).value().nll())
        .containsExactlyInAnyOrderElementsOf(
            numbered(2, 7, 3, 8, 4, 9).stream()
                .map(task -> TinyCache.scored(task, "f32").value().nll())
                .toList());
    assertThat(warnings).singleElement().asString().contains("another kind of CPU or GPU");
  }

  /** With several slots, what the ledger does not know may be answered before what tells. */
  @Test
  void whatAnotherKindAdds_beforeItKnowsThatItIsAnother_isOnlyForItself() {
    score("f32", 0, 4);
    List<EvaluationTask> tasks = numbered(10, 11, 0, 1);
    CachedExecutor other = scorer(List.of(), CachedExecutorTest::otherBits);
    score(other, tasks);
    assertThat(evaluated).isEqualTo(numbered(10, 11, 0, 1));
    assertThat(other.answered()).isZero();

    List<TaskResult<?>> answers =
        score(
            scorer(List.of(), task -> TinyCache.scored(task, "f32")), numbered(0, 1, 2, 3, 10, 11));
    assertThat(evaluated).containsExactlyInAnyOrderElementsOf(numbered(0, 10, 11));
    assertThat(answers)
        .filteredOn(answer -> answer.task().equals(TinyCache.task(10)))
        .containsExactly(TinyCache.scored(TinyCache.task(10), "f32"));
    warnings.clear();

    // And each kind has its own from then on.
    answers = score(scorer(List.of(), CachedExecutorTest::otherBits), tasks);
    assertThat(evaluated).isEqualTo(numbered(10));
    assertThat(answers)
        .extracting(answer -> ((TaskResult.Completed<DocumentScore>) answer).value().nll())
        .containsExactlyInAnyOrderElementsOf(
            tasks.stream()
                .map(task -> ((TaskResult.Completed<DocumentScore>) otherBits(task)).value().nll())
                .toList());
    assertThat(warnings).isEmpty();
  }

  @Test
  void manyFilesOfOneKind_areProvedByOneEvaluation() {
    for (int end = 2; end <= 12; end += 2) {
      // Each process knows what those before it added.
      score("f32", end - 2, end);
      score("f32", Math.max(0, end - 4), end + 1);
    }
    assertThat(TinyCache.files(directory)).hasSizeGreaterThan(5);
    assertAnswers(score("f32", 0, 13), "f32", 0, 13);
    assertThat(evaluated).hasSize(1);
  }

  /** They were written at a time: each is to be proved, those that hold what is asked for. */
  @Test
  void filesThatShareNothing_areProvedOneByOneWhereTheyAreNeeded() {
    List<CachedExecutor> scorers =
        IntStream.range(0, 4)
            .mapToObj(process -> scorer(List.of(), task -> TinyCache.scored(task, "f32")))
            .toList();
    for (int process = 0; process < 4; process++) {
      score(scorers.get(process), tasks(4 * process, 4 * process + 4));
    }
    assertAnswers(score("f32", 4, 12), "f32", 4, 12);
    assertThat(evaluated).isEqualTo(numbered(4, 8));
    assertThat(TinyCache.files(directory)).hasSize(4);
    // What proved both is kept with the next that is new: they are known to be of one kind.
    score("f32", 4, 21);
    assertAnswers(score("f32", 4, 21), "f32", 4, 21);
    assertThat(evaluated).hasSize(1);
  }
}
