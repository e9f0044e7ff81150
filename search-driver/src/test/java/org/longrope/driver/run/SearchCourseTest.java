package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.Evaluations;
import org.longrope.driver.run.replay.LogEntry;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunFile;
import org.longrope.driver.run.results.RunStatus;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.StrategyConfig;
import org.longrope.search.cmaes.CmaEsConfig;
import org.longrope.search.genetic.GeneticConfig;
import org.longrope.search.gradient.GradientConfig;

/** Decisions of a search, by which a run is resumed, do not depend on Java or processor. */
class SearchCourseTest {
  private static final TinyWorld WORLD = TinyWorld.shared();

  @TempDir Path directory;

  private static TaskResult<DocumentScore> score(EvaluationTask task) {
    double[] lambda = task.rescaling().factors().toArray();
    double nll = 2 + 0.001 * task.rescaling().startTokens();
    long tokens = task.protocol().length() - 1;
    List<Double> slope = new ArrayList<>();
    for (int i = 0; i < lambda.length; i++) {
      double off = lambda[i] - 1 - 0.7 * i;
      nll += Math.abs(off);
      slope.add(Math.signum(off) * lambda[i] * tokens);
    }
    NllGradient gradient = task.gradient() ? new NllGradient(slope, 0.1 * tokens) : null;
    return task.completed(
        new DocumentScore(task.documentId(), nll * tokens, tokens, 1, gradient), "f32", null);
  }

  private Path run(String name, StrategyConfig plan) {
    Path run = directory.resolve(name);
    SearchSettings settings = Runs.settings(WORLD.model(), WORLD.data(), plan, 2, 1);
    Runs.run(run, settings, Runs.local(SearchCourseTest::score));
    return run;
  }

  private static String course(Path run) {
    String decisions =
        Runs.log(RunDirectory.open(run.toString(), Runs.HADOOP)).entries().stream()
            .filter(LogEntry.Decided.class::isInstance)
            .map(entry -> ((LogEntry.Decided) entry).proposal())
            .map(proposal -> proposal.candidate().id() + proposal.documents())
            .collect(Collectors.joining("\n"));
    byte[] bytes = decisions.getBytes(StandardCharsets.UTF_8);
    return new Sha256().add(ByteBuffer.wrap(bytes)).hex().substring(0, 12);
  }

  /**
   * Pins the decisions of released versions. Where they differ, raise {@link RunFile#COURSE}, so
   * that no run is resumed with other decisions.
   */
  @Test
  void decisions_ofEachStrategy_areThoseOfTheCourseInRunFile() {
    assertThat(RunFile.COURSE).isEqualTo(2);
    String paper = course(run("paper", new GeneticConfig(8, 4, 4, 4, 4, 0.3, 42)));
    String fast = course(run("fast", new CmaEsConfig(8, 200, Set.of(), false, 42)));
    String gradient =
        course(
            run(
                "gradient",
                new GradientConfig(9, 2, 2, false, false, QueryScaleChoice.NONE, 1, 42)));
    assertThat(List.of(paper, fast, gradient))
        .containsExactly("3cac238ff4a5", "b59a66b121b8", "f3ce2b34a317");
  }

  @Test
  void resume_ofARunOnAnotherCourse_isRefusedInOneSentenceAndItsStatusIsRead() throws IOException {
    Path run = run("earlier", new GeneticConfig(4, 2, 1, 1, 1, 0.5, 3));
    ObjectNode json = (ObjectNode) Runs.json(run.resolve("run.json"));
    json.remove("course");
    Files.writeString(run.resolve("run.json"), json.put("format_version", 3).toString());
    RunDirectory begun = RunDirectory.open(run.toString(), Runs.HADOOP);
    String refused =
        run
            + " was begun by a version of longrope whose searches take course 1: expected course 2;"
            + " resume it with the version that its run.json names, or begin a new run.";

    assertThatThrownBy(() -> SearchRun.resume(begun, Runs.HADOOP))
        .isInstanceOf(BadInputException.class)
        .hasMessage(refused);
    SearchSettings settings = BegunRun.read(begun).settings();
    assertThatThrownBy(() -> SearchRun.beginOrResume(settings, null, run.toString(), Runs.HADOOP))
        .isInstanceOf(BadInputException.class)
        .hasMessage(refused);
    assertThat(RunStatus.of(begun).finished()).isTrue();
  }

  /** Changes a baseline as if a Java with other last bits had computed it. */
  @Test
  void baselines_ofAnEarlierVersion_areThoseThatItMeasured() throws IOException {
    Path run = run("other-bits", new GeneticConfig(4, 2, 1, 1, 1, 0.5, 3));
    RunDirectory begun = RunDirectory.open(run.toString(), Runs.HADOOP);
    BegunRun read = BegunRun.read(begun);
    Evaluations evaluations = read.log().evaluations();
    Rescaling ntk = read.baselines(evaluations).get("ntk");
    double[] lambda = ntk.factors().toArray();
    lambda[1] = Math.nextUp(lambda[1]);
    Rescaling otherBits = new Rescaling(RescaleFactors.of(lambda), 0, ntk.attentionFactor());

    assertThat(evaluations.measured(otherBits)).isEqualTo(ntk);
    lambda[1] += 1e-6;
    Rescaling other = new Rescaling(RescaleFactors.of(lambda), 0, ntk.attentionFactor());
    assertThat(evaluations.measured(other)).isEqualTo(other);
  }
}
