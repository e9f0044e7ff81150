package org.longrope.driver.run.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.Captured;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.run.Runs;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.BadInputException;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.genetic.GeneticConfig;
import org.longrope.search.gradient.GradientConfig;

/** Tests of the status of a run in each of its states, from its log alone. */
class RunStatusTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final SearchSettings SETTINGS =
      Runs.settings(WORLD.model(), WORLD.data(), new GeneticConfig(4, 2, 1, 1, 2, 0.5, 3), 2, 1);

  @TempDir Path directory;

  private Path run(int answers) {
    Path run = directory.resolve("run");
    int[] left = {answers};
    TaskExecutor dying =
        Runs.scorer(
            (tasks, answered) ->
                tasks.forEach(
                    task -> {
                      if (left[0]-- == 0) {
                        throw new IllegalStateException("killed");
                      }
                      answered.accept(Runs.synthetic(task));
                    }));
    try {
      Runs.run(run, SETTINGS, dying);
    } catch (IllegalStateException e) {
      assertThat(e).hasMessage("killed");
    }
    return run;
  }

  private static RunStatus status(Path run) {
    return RunStatus.of(RunDirectory.open(run.toString(), Runs.HADOOP));
  }

  private static int baselines(Path run) {
    return (int)
        Runs.evaluations(run).stream().filter(line -> line.contains("\"baseline\"")).count();
  }

  @Test
  void status_beforeTheFirstEvaluation_saysBegun() {
    RunStatus status = status(run(0));
    assertThat(status.candidates()).isZero();
    assertThat(status.state().evaluated()).isZero();
    assertThat(status.toText(Instant.now()))
        .contains("begun, nothing evaluated yet", "none yet", "to 128 tokens, generational");
  }

  @Test
  void status_firstGeneration_hasTheBestOfFinishedCandidates() {
    int baselines = baselines(run(-1));
    Path stopped = directory.resolve("run");
    org.apache.hadoop.fs.FileUtil.fullyDelete(stopped.toFile());
    // One candidate with both documents, and one document of the next.
    run(baselines + 3);
    RunStatus status = status(stopped);
    assertThat(status.finished()).isFalse();
    assertThat(status.state().evaluated()).isEqualTo(baselines + 3);
    assertThat(status.candidates()).isEqualTo(4);
    assertThat(status.state().best()).isPresent();
    String text = status.toText(Instant.now());
    assertThat(text)
        .contains("last record 0 s ago", "4 candidates decided, generation 0 of 2")
        .contains((baselines + 3) + " done, 0 of them rejected, at most ");
  }

  @Test
  void status_finishedRun_hasThePerplexityAndNothingToGo() {
    Path run = run(-1);
    RunStatus status = status(run);
    assertThat(status.finished()).isTrue();
    assertThat(status.state().evaluated()).isEqualTo(Runs.evaluations(run).size());
    assertThat(status.state().best().orElseThrow())
        .isEqualTo(
            Runs.json(run.resolve("factors.json"))
                .at("/longrope/provenance/perplexity")
                .asDouble());
    Captured command = Captured.run("status", run);
    assertThat(command.exitCode()).as(command.err()).isZero();
    assertThat(command.out())
        .contains("finished at ", " candidates decided, generation 2 of 2", "0.00 to go");
  }

  /** Candidates are compared on one document there, and the result is scored on all. */
  @Test
  void status_finishedSearchByGradient_hasThePerplexityOfTheResult() {
    Path run = directory.resolve("gradient");
    Runs.run(
        run,
        Runs.settings(
            WORLD.model(),
            WORLD.data(),
            new GradientConfig(6, 1, 1, false, false, QueryScaleChoice.NONE, 1, 3),
            3,
            1),
        Runs.synthetic());
    assertThat(status(run).state().best().orElseThrow())
        .isEqualTo(
            Runs.json(run.resolve("factors.json"))
                .at("/longrope/provenance/perplexity")
                .asDouble());
  }

  @Test
  void aDamagedJournal_isRefused() throws IOException {
    Path run = run(-1);
    Path segment = Runs.segments(run).get(0);
    Files.writeString(segment, "x" + Runs.text(segment));
    assertThatThrownBy(() -> status(run))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining("Line 1 of " + segment + " is damaged");
  }

  @Test
  void noRun_isRefused() {
    Captured command = Captured.run("status", directory.resolve("nowhere"));
    assertThat(command.exitCode()).isEqualTo(2);
    assertThat(command.errors()).singleElement().asString().contains("No run in ");
  }
}
