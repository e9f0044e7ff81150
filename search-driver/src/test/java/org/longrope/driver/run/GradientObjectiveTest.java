package org.longrope.driver.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.CandidateTasks;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.replay.RunReplay;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Outcome;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.gradient.GradientConfig;

/** The slope that a search by gradient is told is that of its objective. */
@Tag("numeric")
class GradientObjectiveTest {
  private static final TinyWorld WORLD = TinyWorld.shared();
  private static final int TARGET = 4 * TinyWorld.WINDOW;

  /** Turns the fastest pair by an eighth of a radian at the last position. */
  private static final double STEP = 0.001;

  @TempDir private Path directory;

  @ParameterizedTest
  @EnumSource(
      value = Objective.class,
      names = {"PERPLEXITY", "LONG_TOKENS", "LONG_AND_SHORT"})
  void slope_isThatOfTheObjective(Objective objective) {
    SearchSettings settings =
        Runs.minimising(
            objective,
            TARGET,
            Runs.settings(
                WORLD.model(),
                WORLD.data(),
                new GradientConfig(2, 2, 1, false, false, QueryScaleChoice.NONE, 1, 5),
                3,
                1));
    RunDirectory created = RunDirectory.create(directory.resolve("run").toString(), Runs.HADOOP);
    SearchRun run = SearchRun.begin(settings, created, Runs.HADOOP);
    try (Runs.OpenWorker worker = Runs.worker(run)) {
      run.execute(Runs.local(worker::execute), Runs.SURROGATE, RunListener.SILENT);
      BegunRun begun = BegunRun.read(created);
      RunLog log = begun.log();
      List<EvaluationTask> tasks =
          RunReplay.of(log, begun::tasks).decisions().stream()
              .filter(decision -> decision.proposal().gradient())
              .findFirst()
              .orElseThrow()
              .tasks()
              .objective();
      Outcome.Gradient told = (Outcome.Gradient) log.evaluations().outcome(tasks);
      Rescaling at = tasks.get(0).rescaling();
      assertThat(Math.log(told.perplexity()))
          .isCloseTo(logObjective(worker, tasks, at), within(1e-6));
      List<Double> expected = new ArrayList<>();
      for (int i = 0; i <= TinyWorld.PAIRS; i++) {
        double above = logObjective(worker, tasks, moved(at, i, STEP));
        double below = logObjective(worker, tasks, moved(at, i, -STEP));
        expected.add((above - below) / (2 * STEP));
      }
      double norm = Math.sqrt(expected.stream().mapToDouble(value -> value * value).sum());
      List<Double> actual = new ArrayList<>(told.byLogFactors());
      actual.add(told.byLogAttention());
      assertThat(norm).isGreaterThan(1e-3);
      for (int i = 0; i <= TinyWorld.PAIRS; i++) {
        assertThat(actual.get(i)).isCloseTo(expected.get(i), within(0.02 * norm));
      }
    }
  }

  /** Along the slope, objective and original window change together as the slope says. */
  @ParameterizedTest
  @EnumSource(
      value = QueryScaleChoice.class,
      names = {"PAIR", "HEAD"})
  void slopeByQueryScales_hasTheOriginalWindowToo(QueryScaleChoice choice) {
    double weight = 3;
    GradientConfig search = new GradientConfig(2, 2, 1, false, false, choice, weight, 5);
    RunDirectory created = RunDirectory.create(directory.resolve("run").toString(), Runs.HADOOP);
    SearchSettings settings =
        Runs.minimising(
            Objective.PERPLEXITY, TARGET, Runs.settings(WORLD.model(), WORLD.data(), search, 3, 1));
    SearchRun run = SearchRun.begin(settings, created, Runs.HADOOP);
    try (Runs.OpenWorker worker = Runs.worker(run)) {
      run.execute(Runs.local(worker::execute), Runs.SURROGATE, RunListener.SILENT);
      BegunRun begun = BegunRun.read(created);
      RunLog log = begun.log();
      CandidateTasks tasks =
          RunReplay.of(log, begun::tasks).decisions().stream()
              .filter(decision -> decision.proposal().gradient())
              .reduce((first, last) -> last)
              .orElseThrow()
              .tasks();
      Outcome.Gradient told = (Outcome.Gradient) begun.estimator(log.evaluations()).of(tasks);
      double norm =
          Math.sqrt(told.byQueryScales().stream().mapToDouble(value -> value * value).sum());
      double change =
          logOutcome(worker, tasks, weight, told.byQueryScales(), 0.005 / norm)
              - logOutcome(worker, tasks, weight, told.byQueryScales(), -0.005 / norm);
      assertThat(norm).isGreaterThan(1e-4);
      assertThat(change / 0.01).isCloseTo(norm, within(0.02 * norm));
    }
  }

  /** ln of the objective and of the original window, with ψ moved. */
  private static double logOutcome(
      Runs.OpenWorker worker,
      CandidateTasks tasks,
      double weight,
      List<Double> direction,
      double by) {
    Rescaling at = tasks.objective().get(0).rescaling();
    double[] psi = at.queryScales().logs();
    for (int i = 0; i < psi.length; i++) {
      psi[i] += by * direction.get(i);
    }
    QueryScales moved = at.queryScales().withLogs(psi);
    List<EvaluationTask> window = Objects.requireNonNull(tasks.window()).scaled();
    Rescaling own = window.get(0).rescaling();
    assertThat(own.factors()).isEqualTo(RescaleFactors.uniform(TinyWorld.PAIRS, 1));
    return logObjective(worker, tasks.objective(), at.withQueryScales(moved))
        + weight * logObjective(worker, window, own.withQueryScales(moved));
  }

  /** Moves log λ of a pair; after the last pair, the logarithm of the attention factor. */
  private static Rescaling moved(Rescaling at, int coordinate, double by) {
    double[] factors = at.factors().toArray();
    double attention = at.attentionFactor();
    if (coordinate == factors.length) {
      attention *= Math.exp(by);
    } else {
      factors[coordinate] *= Math.exp(by);
    }
    return new Rescaling(RescaleFactors.of(factors), at.startTokens(), attention);
  }

  /** Mean over lengths of the mean NLL of all documents' tokens. */
  private static double logObjective(
      Runs.OpenWorker worker, List<EvaluationTask> tasks, Rescaling rescaling) {
    Map<Integer, double[]> sums = new LinkedHashMap<>();
    for (EvaluationTask task : tasks) {
      TaskResult<DocumentScore> result =
          worker.execute(new EvaluationTask(rescaling, task.documentId(), task.protocol()));
      DocumentScore score = ((TaskResult.Completed<DocumentScore>) result).value();
      double[] sum = sums.computeIfAbsent(task.protocol().length(), length -> new double[2]);
      sum[0] += score.nll();
      sum[1] += score.tokens();
    }
    return sums.values().stream().mapToDouble(sum -> sum[0] / sum[1]).average().orElseThrow();
  }
}
