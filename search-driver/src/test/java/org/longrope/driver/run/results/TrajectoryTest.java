package org.longrope.driver.run.results;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.run.Runs;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.LogEntry;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.results.Trajectory.Incumbent;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.cmaes.CmaEsConfig;
import org.longrope.search.genetic.GeneticConfig;
import org.longrope.search.gradient.GradientConfig;

class TrajectoryTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final SearchSettings SETTINGS =
      Runs.settings(WORLD.model(), WORLD.data(), new GeneticConfig(8, 4, 3, 3, 4, 0.5, 3), 2, 1);
  private static final int LENGTH = 4 * TinyWorld.WINDOW;

  /** The attention factor of the search, su. */
  private static final double SU = Math.sqrt(1 + Math.log(4) / Math.log(TinyWorld.WINDOW));

  @TempDir Path directory;

  private Trajectory trajectory(String name) {
    return Trajectory.of(RunDirectory.open(directory.resolve(name).toString(), Runs.HADOOP));
  }

  /** Returns an executor whose results come in any order, as on a cluster. */
  private static TaskExecutor shuffled(int seed, int answersLeft) {
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

  @Test
  void trajectory_finishedRun_endsWithTheResultAndCountsEvaluationsOnce() {
    Runs.run(directory.resolve("run"), SETTINGS, Runs.synthetic());
    Trajectory trajectory = trajectory("run");

    List<Incumbent> incumbents = trajectory.incumbents();
    assertThat(incumbents).hasSizeGreaterThan(2);
    for (int i = 1; i < incumbents.size(); i++) {
      assertThat(incumbents.get(i).perplexity()).isLessThan(incumbents.get(i - 1).perplexity());
      assertThat(incumbents.get(i).evaluatedTokens())
          .isGreaterThan(incumbents.get(i - 1).evaluatedTokens());
    }
    // PI was measured as a baseline before; as a candidate it has its price all the same.
    assertThat(incumbents.get(0).evaluatedTokens()).isEqualTo(2 * LENGTH);
    Incumbent last = incumbents.get(incumbents.size() - 1);
    Path factors = directory.resolve("run/factors.json");
    assertThat(last.rescaling().factors())
        .isEqualTo(FactorFile.read(factors, warning -> {}).longest().factors());
    assertThat(trajectory.evaluatedTokens()).isEqualTo(2L * LENGTH * candidates("run").size());
    assertThat(trajectory.baselines()).containsKeys("none", "yarn");
  }

  /**
   * Checks that CMA-ES counts the baselines that it is measured by, and that a baseline may still
   * win.
   */
  @Test
  void fast_baselines_areCountedOnceAndMayBeTheResult() {
    SearchSettings fast =
        Runs.settings(
            WORLD.model(), WORLD.data(), new CmaEsConfig(4, 50, Set.of(), false, 3), 2, 1);
    Runs.run(directory.resolve("fast"), fast, Runs.scorer(TrajectoryTest::bestAtPi));
    Trajectory trajectory = trajectory("fast");

    long baselines = trajectory.baselines().size();
    Incumbent last = trajectory.incumbents().get(trajectory.incumbents().size() - 1);
    assertThat(last.rescaling()).isEqualTo(trajectory.baselines().get("pi, a = su"));
    assertThat(last.evaluatedTokens()).isGreaterThan(2 * baselines * LENGTH);
    assertThat(trajectory.evaluatedTokens())
        .isBetween(2 * baselines * LENGTH, (2 * baselines + 50) * LENGTH);
  }

  private static void bestAtPi(
      List<EvaluationTask> tasks, Consumer<TaskResult<DocumentScore>> answers) {
    for (EvaluationTask task : tasks) {
      Rescaling rescaling = task.rescaling();
      double nll = 2 + rescaling.startTokens() + Math.abs(rescaling.attentionFactor() - SU);
      for (double lambda : rescaling.factors().toArray()) {
        nll += Math.abs(Math.log(lambda / 4));
      }
      long tokens = LENGTH - 1;
      answers.accept(
          task.completed(
              new DocumentScore(task.documentId(), nll * tokens, tokens, 0), "f32", null));
    }
  }

  /** Rescalings decided on, as the journal has them. */
  private Set<Rescaling> candidates(String name) {
    RunDirectory run = RunDirectory.open(directory.resolve(name).toString(), Runs.HADOOP);
    Set<Rescaling> candidates = new HashSet<>();
    for (LogEntry entry : Runs.log(run).entries()) {
      if (entry instanceof LogEntry.Decided decided) {
        candidates.add(BegunRun.read(run).tasks(decided.proposal().candidate()).get(0).rescaling());
      }
    }
    return candidates;
  }

  /** Gradients that take three times as long as scores count as three forward passes. */
  @Test
  void gradients_costTheirTimeInForwardPasses() {
    SearchSettings gradient =
        Runs.settings(
            WORLD.model(),
            WORLD.data(),
            new GradientConfig(10, 1, 1, false, false, QueryScaleChoice.NONE, 1, 3),
            3,
            1);
    Path run = directory.resolve("gradient");
    Runs.run(
        run,
        gradient,
        Runs.scorer(
            (tasks, answers) ->
                tasks.stream().map(TrajectoryTest::timed).forEach(answers::accept)));
    Trajectory trajectory = trajectory("gradient");

    Set<EvaluationTask> scores = new HashSet<>();
    RunDirectory opened = RunDirectory.open(run.toString(), Runs.HADOOP);
    for (LogEntry entry : Runs.log(opened).entries()) {
      if (entry instanceof LogEntry.Decided decided && !decided.proposal().gradient()) {
        scores.addAll(BegunRun.read(opened).tasks(decided.proposal()).all());
      }
    }
    assertThat(trajectory.evaluatedTokens()).isEqualTo((scores.size() + 3L * 10) * LENGTH);
    Incumbent last = trajectory.incumbents().get(trajectory.incumbents().size() - 1);
    assertThat(last.rescaling().factors())
        .isEqualTo(FactorFile.read(run.resolve("factors.json"), warning -> {}).longest().factors());
  }

  private static TaskResult<DocumentScore> timed(EvaluationTask task) {
    TaskResult.Completed<DocumentScore> result = Runs.synthetic(task);
    return new TaskResult.Completed<>(
        task, result.value(), result.computeType(), null, task.gradient() ? 0.75 : 0.25);
  }

  @Test
  void answersInAnyOrder_withAndWithoutAKill_giveTheSameTrajectory() {
    Runs.run(directory.resolve("in-order"), SETTINGS, Runs.synthetic());
    Runs.run(directory.resolve("shuffled"), SETTINGS, shuffled(5, -1));
    Path killed = directory.resolve("killed");
    assertThatThrownBy(() -> Runs.run(killed, SETTINGS, shuffled(6, 41))).hasMessage("killed");
    assertThat(trajectory("killed").evaluatedTokens()).isPositive();
    Runs.resume(killed, shuffled(7, -1));

    Trajectory expected = trajectory("in-order");
    assertThat(trajectory("shuffled")).isEqualTo(expected);
    assertThat(trajectory("killed")).isEqualTo(expected);
  }

  @Test
  void trajectory_candidatesOnOneDocument_costTokensAndAreNoIncumbents() {
    Path run = directory.resolve("run");
    assertThatThrownBy(() -> Runs.run(run, SETTINGS, ofOneDocument())).hasMessage("killed");

    Trajectory trajectory = trajectory("run");
    Set<Rescaling> whole = candidates("run");
    int all = whole.size();
    whole.retainAll(trajectory.baselines().values());
    assertThat(whole).isNotEmpty().hasSizeLessThan(all);
    assertThat(trajectory.evaluatedTokens()).isEqualTo((long) LENGTH * (all + whole.size()));
    assertThat(trajectory.incumbents())
        .extracting(Incumbent::rescaling)
        .isNotEmpty()
        .isSubsetOf(whole);
  }

  /** Answers all of the baselines, and of the candidates the first document's half. */
  private static TaskExecutor ofOneDocument() {
    Deque<EvaluationTask> waiting = new ArrayDeque<>();
    return new TaskExecutor() {
      @Override
      public void submit(TaskGroup group) {
        boolean candidate = group.phase().startsWith("generation-");
        int read = candidate ? 1 : group.tasks().size();
        group.tasks().stream().limit(read).forEach(task -> waiting.add((EvaluationTask) task));
      }

      @Override
      public TaskResult<DocumentScore> take() {
        if (waiting.isEmpty()) {
          throw new IllegalStateException("killed");
        }
        return Runs.synthetic(waiting.remove());
      }

      @Override
      public int slots() {
        return 1;
      }
    };
  }
}
