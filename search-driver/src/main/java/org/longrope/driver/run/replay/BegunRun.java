package org.longrope.driver.run.replay;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.problem.ExtensionProblem;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;
import org.longrope.search.StrategyConfig;

/**
 * A run as it was begun: everything that its log is read with. Model and documents are known by
 * their hashes only.
 */
public final class BegunRun {
  private final SearchSettings settings;
  private final RunInputs inputs;
  private final RunDirectory directory;
  private final EvaluationPlan plan;
  private final ExtensionProblem problem;

  public BegunRun(SearchSettings settings, RunInputs inputs, RunDirectory directory) {
    this.settings = settings;
    this.inputs = inputs;
    this.directory = directory;
    plan = new EvaluationPlan(settings, inputs);
    problem =
        new ExtensionProblem(
            inputs.rope(),
            inputs.extension(),
            settings.targetLength(),
            settings.maxFactor(),
            inputs.attentionFactorMatters() ? settings.attentionFactor() : AttentionFactor.NONE,
            settings.starts(),
            inputs.queryScales());
  }

  /**
   * Reads run.json; model, data and evaluation cache are not opened.
   *
   * @throws BadInputException if it is damaged
   */
  public static BegunRun read(RunDirectory directory) {
    RunFile begun = RunFile.read(directory);
    try {
      return new BegunRun(begun.settings(), begun.subject(), directory);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "%s/%s is damaged: %s; restore it from a copy.",
              directory.location(), RunDirectory.RUN, e.getMessage()),
          e);
    }
  }

  public SearchSettings settings() {
    return settings;
  }

  /** Returns the strategy's configuration for this model. */
  public StrategyConfig search() {
    return inputs.attentionFactorMatters()
        ? settings.search()
        : settings.search().withFixedAttention();
  }

  public RunInputs inputs() {
    return inputs;
  }

  public RunDirectory directory() {
    return directory;
  }

  public EvaluationPlan plan() {
    return plan;
  }

  public ExtensionProblem problem() {
    return problem;
  }

  /**
   * Reads the log; another process may write it at the same time.
   *
   * @throws BadInputException if a record is damaged or missing
   */
  public RunLog log() {
    return RunLog.open(directory, problem::rescaling);
  }

  /**
   * Takes the run over: a process that still works on it stops at its next record.
   *
   * @throws BadInputException if a record is damaged or missing
   */
  public RunLog claim() {
    return RunLog.claim(directory, problem::rescaling);
  }

  /** Returns the evaluations of a proposal. */
  public CandidateTasks tasks(Proposal proposal) {
    return plan.measured(problem.rescaling(proposal.candidate()), proposal);
  }

  /** Returns the evaluations of a candidate on all documents of the search. */
  public List<EvaluationTask> tasks(Candidate candidate) {
    return plan.searched(problem.rescaling(candidate));
  }

  /** Returns the evaluations of a rescaling on all documents of the search. */
  public List<EvaluationTask> tasks(Rescaling rescaling) {
    return plan.searched(rescaling);
  }

  /** Returns the evaluations of a rescaling by which the strategy compares candidates. */
  public CandidateTasks comparedTasks(Rescaling rescaling) {
    return plan.measured(rescaling, search().comparedOn(inputs.documents().size()));
  }

  /**
   * Returns the baselines by name, as they were evaluated: an earlier version may have computed
   * them otherwise in the last bit.
   */
  public Map<String, Rescaling> baselines(Evaluations evaluations) {
    Map<String, Rescaling> baselines = problem.baselines();
    baselines.replaceAll((name, rescaling) -> evaluations.measured(rescaling));
    return baselines;
  }

  /** Returns the estimator by the best of the evaluated baselines. */
  public FitnessEstimator estimator(Evaluations evaluations) {
    Comparator<Rescaling> byPerplexity =
        Comparator.comparingDouble(rescaling -> evaluations.perplexity(tasks(rescaling)));
    return baselines(evaluations).values().stream()
        .filter(rescaling -> evaluations.containsAll(tasks(rescaling)))
        .min(byPerplexity)
        .map(reference -> FitnessEstimator.against(tasks(reference), evaluations))
        .orElseGet(() -> FitnessEstimator.exact(evaluations));
  }

  /** Returns the number of evaluations of the whole run, if none is left out. */
  public long plannedEvaluations() {
    return planned().values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns the evaluations that have a gradient, of those of {@link #planned}. */
  public SortedMap<Integer, Long> plannedGradients() {
    long gradients = search().gradients(inputs.documents().size());
    SortedMap<Integer, Long> planned = new TreeMap<>();
    if (gradients > 0) {
      plan.tasks().stream()
          .limit(plan.perDocument())
          .forEach(task -> planned.merge(task.protocol().length(), gradients, Long::sum));
      long windows = plan.windowsOfADocument();
      if (windows > 0) {
        planned.merge(inputs.rope().originalWindow(), windows * gradients, Long::sum);
      }
    }
    return planned;
  }

  /** Returns the evaluations of the whole run by their length in tokens, if none is left out. */
  public SortedMap<Integer, Long> planned() {
    long baselines = problem.baselines().size();
    int documents = inputs.documents().size();
    long searched = settings.search().documentsScored(documents) + baselines * documents;
    List<Integer> lengths = plan.tasks().stream().map(task -> task.protocol().length()).toList();
    SortedMap<Integer, Long> planned = new TreeMap<>();
    lengths.stream()
        .limit(plan.perDocument())
        .forEach(length -> planned.merge(length, searched, Long::sum));
    long windows = plan.windowsOfADocument();
    if (windows > 0) {
      planned.merge(
          inputs.rope().originalWindow(),
          windows * (settings.search().documentsScored(documents) + documents),
          Long::sum);
    }
    lengths.stream()
        .skip((long) documents * plan.perDocument())
        .forEach(length -> planned.merge(length, baselines + 1, Long::sum));
    return planned;
  }
}
