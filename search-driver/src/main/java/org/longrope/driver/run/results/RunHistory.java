package org.longrope.driver.run.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.report.plot.GenerationSummary;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.Evaluations;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.replay.RunReplay;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.GenerationStats;

/**
 * Course of a run so far, read from run.json and the journal: without model, data or Spark, while
 * it runs and afterwards.
 *
 * @param begun run.json: settings, subject, versions
 * @param status of the run
 * @param generations complete ones, as the convergence plot shows them
 * @param baselines methods that the search has to beat, by name
 * @param toBeat their perplexities at the target, of those measured
 * @param tradeOffs of baselines and candidates that were evaluated on all documents; empty unless
 *     the search weighs long against short
 * @param steps of a search by gradient; empty for other strategies
 * @param costs by phase, in the order in which phases began
 */
public record RunHistory(
    JsonNode begun,
    RunStatus status,
    List<GenerationSummary> generations,
    Map<String, Rescaling> baselines,
    Map<String, Double> toBeat,
    List<TradeOff> tradeOffs,
    List<GradientStep> steps,
    List<PhaseCost> costs) {
  private static final JsonMapper JSON = new JsonMapper();

  public RunHistory {
    generations = List.copyOf(generations);
    tradeOffs = List.copyOf(tradeOffs);
    steps = List.copyOf(steps);
    costs = List.copyOf(costs);
  }

  /**
   * Reads a run.
   *
   * @throws org.longrope.eval.BadInputException if it is damaged
   */
  public static RunHistory of(RunDirectory directory) {
    BegunRun run = BegunRun.read(directory);
    RunLog log = run.log();
    Evaluations evaluations = log.evaluations();
    RunReplay replay = RunReplay.of(log, run::tasks);
    Map<String, Rescaling> baselines = run.baselines(evaluations);
    Map<String, Double> toBeat = new LinkedHashMap<>();
    baselines.forEach(
        (name, rescaling) -> {
          List<EvaluationTask> tasks = run.tasks(rescaling);
          if (evaluations.containsAll(tasks)) {
            toBeat.put(name, evaluations.perplexity(tasks));
          }
        });
    RunStatus status = RunStatus.of(run, log, replay);
    FitnessEstimator estimator = run.estimator(evaluations);
    List<GenerationStats> generations =
        Generations.of(run.settings(), replay, estimator, status.finished());
    return new RunHistory(
        begun(directory),
        status,
        RunResults.summaries(generations),
        baselines,
        toBeat,
        TradeOffs.of(run.settings(), run::tasks, evaluations, baselines),
        GradientStep.of(replay, estimator),
        PhaseCost.of(log));
  }

  private static JsonNode begun(RunDirectory directory) {
    try {
      return JSON.readTree(directory.read(RunDirectory.RUN));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("Cannot read " + directory.location(), e);
    }
  }

  /** Returns perplexities of the methods as published, as the convergence plot shows them. */
  public Map<String, Double> plottedToBeat() {
    return RunResults.plotted(toBeat);
  }

  /** Returns the published methods that rescale, as the factor plot shows them. */
  public Map<String, Rescaling> plottedBaselines() {
    Map<String, Rescaling> plotted = RunResults.plotted(baselines);
    plotted.remove("none");
    return plotted;
  }
}
