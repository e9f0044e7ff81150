package org.longrope.driver.lab.strategies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.TaskDocuments;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.run.SearchRun;
import org.longrope.driver.run.results.Trajectory;
import org.longrope.driver.run.results.Trajectory.Incumbent;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeMethod;
import org.longrope.search.Surrogate;

/** Searches on one problem, with their results measured on held-out documents. */
final class ProblemRuns implements AutoCloseable {
  /** Folder beside those of the runs, which have the names of strategies. */
  static final String HELD_OUT = "held-out";

  static final String CACHE = "ledger";

  private final PreparedProblem prepared;
  private final HeldOut heldOut;

  /** Experiments by seed, the reference first; those that were not chosen are finished. */
  private final Map<Integer, List<Experiment>> experiments;

  /** Location of the evaluations that strategies and seeds share. */
  private final String cache;

  private final SearchSettings measuring;
  private final Configuration hadoop;
  private final ProblemExecutors scorers;
  private final Surrogate surrogate;
  private final Map<String, Double> methods = new LinkedHashMap<>();

  ProblemRuns(
      PreparedProblem prepared,
      List<Experiment> experiments,
      Path folder,
      Configuration hadoop,
      ProblemExecutors scorers,
      Surrogate surrogate,
      Consumer<String> warning) {
    this.prepared = prepared;
    this.experiments = new TreeMap<>();
    experiments.forEach(
        one -> this.experiments.computeIfAbsent(one.seed(), seed -> new ArrayList<>()).add(one));
    this.hadoop = hadoop;
    this.scorers = scorers;
    this.surrogate = surrogate;
    measuring = experiments.get(0).settings();
    cache = folder.resolve(CACHE).toUri().toString();
    heldOut = HeldOut.open(folder.resolve(HELD_OUT), prepared, measuring, warning);
  }

  PreparedProblem prepared() {
    return prepared;
  }

  Map<Integer, List<Experiment>> experiments() {
    return experiments;
  }

  /** Returns all settings of a strategy, defaults included. */
  JsonNode settings(String strategy) {
    ObjectNode settings =
        experiments.values().stream()
            .flatMap(List::stream)
            .filter(one -> one.strategy().equals(strategy) && one.isFinished(hadoop))
            .findFirst()
            .map(one -> one.begun(hadoop).path("settings"))
            .filter(ObjectNode.class::isInstance)
            .map(ObjectNode.class::cast)
            .orElseThrow();
    return settings.without(List.of("model", "data", "target-length", "seed"));
  }

  /** Returns held-out perplexities of the known methods that were measured, by name. */
  Map<String, Double> methods() {
    return methods;
  }

  @Nullable String computeType() {
    return heldOut.computeType();
  }

  /**
   * Executes a search unless it is finished, and measures its result.
   *
   * @param toReach final perplexity of the reference to compare with; null for that of the search
   *     itself
   */
  RunResult execute(Experiment experiment, @Nullable Double toReach, ProgressEstimate progress) {
    boolean searches = !experiment.isFinished(hadoop);
    if (searches) {
      SearchRun run =
          SearchRun.beginOrResume(experiment.settings(), cache, experiment.location(), hadoop);
      scorers.with(
          run.workerSpec(HadoopSettings.of(hadoop)),
          run.limits(),
          run.slowestSeconds(),
          scorer -> run.execute(scorer, surrogate, progress.searching(experiment)));
      progress.searched(experiment);
    }
    Trajectory trajectory = Trajectory.of(experiment.directory(hadoop));
    List<Incumbent> incumbents = trajectory.incumbents();
    List<Incumbent> sample = IncumbentSample.of(incumbents);
    Optional<Rescaling> yarn =
        Optional.ofNullable(trajectory.baselines().get(RopeMethod.YARN.toString()));
    List<Rescaling> first = new ArrayList<>(sample.stream().map(Incumbent::rescaling).toList());
    yarn.ifPresent(first::add);
    measure(first, experiment, progress);
    yarn.ifPresent(method -> methods.put(RopeMethod.YARN.toString(), perplexity(method)));
    double enough =
        toReach == null ? perplexity(sample.get(sample.size() - 1).rescaling()) : toReach;
    measure(
        IncumbentSample.between(incumbents, sample, one -> perplexity(one.rescaling()), enough)
            .stream()
            .map(Incumbent::rescaling)
            .toList(),
        experiment,
        progress);
    if (searches) {
      progress.finished(experiment);
    }
    return new RunResult(
        prepared.problem().name(),
        experiment.strategy(),
        experiment.seed(),
        trajectory.evaluatedTokens(),
        incumbents.stream()
            .map(
                one ->
                    new RunResult.Point(
                        one.evaluatedTokens(),
                        one.perplexity(),
                        heldOut.perplexity(one.rescaling())))
            .toList());
  }

  private double perplexity(Rescaling rescaling) {
    Double measured = heldOut.perplexity(rescaling);
    if (measured == null) {
      throw new IllegalStateException("Not measured: " + rescaling);
    }
    return measured;
  }

  private void measure(
      Collection<Rescaling> rescalings, Experiment experiment, ProgressEstimate progress) {
    List<EvaluationTask> missing = heldOut.missing(rescalings);
    if (missing.isEmpty()) {
      return;
    }
    int[] open = {missing.size()};
    scorers.with(
        new WorkerSpec(
            new ModelSpec(
                prepared.modelEverywhere(),
                prepared.modelHash(),
                measuring.attentionWindow().toString(),
                HadoopSettings.of(hadoop),
                prepared.problem().targetLength(),
                measuring.threads()),
            null,
            new TaskDocuments.Partition(
                EvaluationPartition.qualified(prepared.problem().heldOut(), hadoop),
                prepared.heldOutHash())),
        measuring.limits(),
        0,
        scorer ->
            heldOut.measure(
                missing,
                scorer,
                result -> {
                  if (result instanceof TaskResult.Rejected<?> rejected) {
                    progress.warning(rejected.task().name() + ": " + rejected.reason());
                  }
                  progress.measured(experiment, --open[0]);
                }));
  }

  @Override
  public void close() {
    heldOut.close();
  }
}
