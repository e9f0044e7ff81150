package org.longrope.driver.run.results;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.report.plot.ConvergencePlot;
import org.longrope.driver.report.plot.GenerationSummary;
import org.longrope.driver.run.Runs;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.search.cmaes.CmaEsConfig;
import org.longrope.search.genetic.GeneticConfig;

/** Tests of the history in a run's log against that of the search itself. */
class RunHistoryTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final SearchSettings SETTINGS =
      Runs.settings(WORLD.model(), WORLD.data(), new GeneticConfig(6, 3, 2, 2, 3, 0.5, 3), 2, 1);

  @TempDir Path directory;

  private RunHistory history(SearchSettings settings, TaskExecutor scorer) {
    Path run = directory.resolve("run");
    try {
      Runs.run(run, settings, scorer);
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("killed");
    }
    return RunHistory.of(RunDirectory.open(run.toString(), Runs.HADOOP));
  }

  /** Answers the last first, so that candidates are not complete in the order of decision. */
  private static TaskExecutor backwards() {
    return Runs.scorer(
        (tasks, answered) -> {
          for (int t = tasks.size() - 1; t >= 0; t--) {
            answered.accept(Runs.synthetic(tasks.get(t)));
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void history_finishedRun_hasTheGenerationsOfTheSearch(boolean asynchronous) throws IOException {
    RunHistory history =
        history(asynchronous ? Runs.asynchronous(SETTINGS) : SETTINGS, backwards());
    assertThat(history.generations()).hasSize(4);
    assertPlotIsThatOfTheSearch(history);
  }

  @Test
  void history_finishedAsynchronousCmaEs_hasTheGenerationsOfTheSearch() throws IOException {
    CmaEsConfig cmaes = new CmaEsConfig(4, 60, Set.of(), false, 3);
    SearchSettings settings = Runs.settings(WORLD.model(), WORLD.data(), cmaes, 2, 1);
    RunHistory history = history(Runs.asynchronous(settings), backwards());
    assertThat(history.generations()).hasSizeGreaterThan(8);
    assertPlotIsThatOfTheSearch(history);
  }

  private void assertPlotIsThatOfTheSearch(RunHistory history) throws IOException {
    byte[] again =
        ConvergencePlot.png(
            history.generations(),
            history.plottedToBeat(),
            "perplexity",
            history.status().settings().targetLength());
    assertThat(again)
        .isEqualTo(
            Files.readAllBytes(directory.resolve("run").resolve(RunDirectory.CONVERGENCE_PLOT)));
  }

  @Test
  void history_finishedRun_hasTheCostOfEveryPhase() {
    RunHistory history = history(SETTINGS, Runs.synthetic());
    assertThat(history.costs())
        .extracting(PhaseCost::phase)
        .containsExactly("baseline", "search", "held-out", "original-window");
    List<TaskResult<?>> evaluations = Runs.evaluationsOf(directory.resolve("run")).toList();
    PhaseCost all = history.costs().stream().reduce(PhaseCost::plus).orElseThrow();
    assertThat(all.evaluations()).isEqualTo(evaluations.size());
    assertThat(all.tokens())
        .isEqualTo(
            evaluations.stream().mapToLong(one -> Runs.Scored.of(one).score().tokens()).sum());
    assertThat(all.rejected()).isZero();
    assertThat(all.computeTypes()).containsExactly("f32");
  }

  @Test
  void history_rejections_areCountedWithoutTokens() {
    RunHistory history =
        history(
            SETTINGS,
            Runs.scorer(
                (tasks, answered) ->
                    tasks.forEach(
                        task ->
                            answered.accept(
                                task.rescaling().startTokens() > 0
                                    ? new TaskResult.Rejected<>(task, "no number")
                                    : Runs.synthetic(task)))));
    PhaseCost search =
        history.costs().stream().filter(one -> one.phase().equals("search")).findFirst().get();
    assertThat(search.rejected()).isPositive().isLessThan(search.evaluations());
    assertThat(search.tokens()).isEqualTo((search.evaluations() - search.rejected()) * 127);
    assertThat(history.generations().stream().mapToInt(GenerationSummary::rejected).sum())
        .isPositive();
  }

  @Test
  void history_stoppedInAGeneration_hasTheGenerationsBefore() {
    int[] left = {30};
    RunHistory history =
        history(
            SETTINGS,
            Runs.scorer(
                (tasks, answered) ->
                    tasks.forEach(
                        task -> {
                          if (task.protocol().length() == 128 && left[0]-- == 0) {
                            throw new IllegalStateException("killed");
                          }
                          answered.accept(Runs.synthetic(task));
                        })));
    assertThat(history.status().finished()).isFalse();
    assertThat(history.status().generation()).isEqualTo(history.generations().size());
    assertThat(history.toBeat()).containsKeys("none", "pi", "ntk", "yarn");
  }
}
