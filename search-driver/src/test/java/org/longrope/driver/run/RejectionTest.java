package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.search.genetic.GeneticConfig;

class RejectionTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final SearchSettings SETTINGS =
      Runs.settings(WORLD.model(), WORLD.data(), new GeneticConfig(8, 4, 3, 3, 3, 0.4, 3), 2, 1);

  @TempDir Path directory;

  private static TaskExecutor rejecting(Predicate<EvaluationTask> rejected) {
    return Runs.local(task -> answer(task, rejected));
  }

  private static TaskResult<DocumentScore> answer(
      EvaluationTask task, Predicate<EvaluationTask> rejected) {
    return rejected.test(task)
        ? new TaskResult.Rejected<>(task, "out of memory")
        : Runs.synthetic(task);
  }

  private static boolean isEven(EvaluationTask task) {
    return Math.floorMod(task.rescaling().factors().hashCode(), 2) == 0;
  }

  @Test
  void rejectedCandidates_areJournalledAndNeverBest() {
    Path run = directory.resolve("run");
    Runs.run(run, SETTINGS, rejecting(RejectionTest::isEven));
    RunLog journal = Runs.log(RunDirectory.open(run.toString(), Runs.HADOOP));
    assertThat(journal.results().values())
        .filteredOn(TaskResult.Rejected.class::isInstance)
        .isNotEmpty()
        .allSatisfy(
            e -> assertThat(((TaskResult.Rejected<?>) e).reason()).isEqualTo("out of memory"));
    JsonNode found = Runs.json(run.resolve("factors.json")).path("long_factor");
    assertThat(journal.results().values())
        .filteredOn(
            e ->
                ((EvaluationTask) e.task())
                    .rescaling()
                    .factors()
                    .toList()
                    .toString()
                    .replace(" ", "")
                    .equals(found.toString()))
        .isNotEmpty()
        .allMatch(TaskResult.Completed.class::isInstance);
    assertThat(Runs.journalContents(run))
        .anyMatch(line -> line.contains("generation-3") && !line.contains("rejected"));
  }

  @Test
  void oneRejectedDocument_rejectsItsCandidate() {
    // The last document alone refuses half of the candidates: their other scores do not rank them.
    Path run = directory.resolve("run");
    String[] document = new String[1];
    Runs.run(
        run,
        SETTINGS,
        rejecting(
            task -> {
              if (document[0] == null) {
                document[0] = task.documentId();
              }
              return task.documentId().equals(document[0]) && isEven(task);
            }));
    JsonNode found = Runs.json(run.resolve("factors.json")).path("long_factor");
    assertThat(Runs.journalContents(run))
        .filteredOn(line -> line.contains(found.toString()))
        .isNotEmpty()
        .noneMatch(line -> line.contains("rejected"));
  }

  @Test
  void scorerThatAnswersNaN_doesNotMakeItTheBest() {
    Path run = directory.resolve("run");
    Runs.run(
        run,
        SETTINGS,
        Runs.local(
            task ->
                isEven(task)
                    ? task.completed(
                        new DocumentScore(task.documentId(), Double.NaN, 127, 0), "f32", null)
                    : Runs.synthetic(task)));
    String summary = Runs.text(run.resolve("summary.json"));
    JsonNode factors = Runs.json(run.resolve("factors.json"));
    assertThat(factors.at("/longrope/provenance/perplexity").isNumber()).isTrue();
    assertThat(Runs.resume(run, Runs.scorer((tasks, answers) -> assertThat(tasks).isEmpty())))
        .isNotEmpty();
    assertThat(run.resolve("summary.json")).hasContent(summary);
  }

  @Test
  void rejectedBaselines_areNotInTheTableButTheSearchGoesOn() {
    Path run = directory.resolve("run");
    java.util.Set<EvaluationTask> baselines = new java.util.HashSet<>();
    boolean[] first = {true};
    String summary =
        Runs.run(
            run,
            SETTINGS,
            Runs.scorer(
                (tasks, answers) -> {
                  if (first[0]) {
                    baselines.addAll(tasks);
                  }
                  first[0] = false;
                  tasks.forEach(task -> answers.accept(answer(task, baselines::contains)));
                }));
    assertThat(summary).contains("found").doesNotContain("NaN");
    JsonNode methods = Runs.json(run.resolve("summary.json")).path("methods");
    for (JsonNode method : methods) {
      assertThat(method.path("target_perplexity").isNull())
          .isEqualTo(!method.path("method").asText().equals("found"));
    }
    assertThat(run.resolve("convergence.png")).isNotEmptyFile();
  }

  @Test
  void allRejected_endsWithASentenceAndKeepsTheReasons() {
    Path run = directory.resolve("run");
    assertThatThrownBy(() -> Runs.run(run, SETTINGS, rejecting(task -> true)))
        .hasMessageContaining("Every candidate was rejected")
        .hasMessageContaining(run.toString());
    assertThat(Runs.evaluations(run)).isNotEmpty().allMatch(line -> line.contains("out of memory"));
    assertThat(Files.exists(run.resolve("factors.json"))).isFalse();
  }
}
