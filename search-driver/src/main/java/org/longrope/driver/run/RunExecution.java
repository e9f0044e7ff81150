package org.longrope.driver.run;

import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.problem.ExtensionProblem;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.CandidateTasks.WindowTerm;
import org.longrope.driver.run.replay.Evaluations;
import org.longrope.driver.run.replay.RunCount;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.results.RunResults;
import org.longrope.driver.run.results.SearchResult;
import org.longrope.driver.run.results.TradeOff;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.ResultStore;
import org.longrope.driver.store.RetryingWriter;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Surrogate;

/** One execution of a run, over its claimed log: baselines, search, held-out documents, results. */
final class RunExecution {
  private final BegunRun run;
  private final RunLog log;
  private final RetryingWriter disk;
  private final RunListener listener;
  private final RunCount count;
  private final Evaluations evaluations;
  private final RunResults results;

  /** The best candidate that factors.json holds. */
  private @Nullable ScoredCandidate written;

  /** Number of complete generations that the listener knows. */
  private int generations;

  RunExecution(BegunRun run, RunLog log, RetryingWriter disk, RunListener listener) {
    this.run = run;
    this.log = log;
    this.disk = disk;
    this.listener = listener;
    count = new RunCount(log, run.plannedEvaluations());
    evaluations = log.evaluations();
    results = new RunResults(run, evaluations);
  }

  String execute(TaskExecutor executor, Surrogate surrogate) {
    SearchSettings settings = run.settings();
    ExtensionProblem problem = run.problem();
    SearchStrategy strategy =
        run.search()
            .strategy(
                settings.mode(),
                problem.space(),
                problem.seeds(),
                run.inputs().documents().size(),
                surrogate);
    ResultStore[] opened = new ResultStore[1];
    ResultStore store =
        new ResultStore(
            executor,
            log,
            settings.limits().timeout(),
            listener::warning,
            result -> evaluated(result, opened[0]));
    opened[0] = store;
    Map<String, Rescaling> baselines = problem.baselines();
    store.collect(groups("baseline", baselines, run.plan()::searched));
    Map<String, Double> toBeat = new LinkedHashMap<>();
    baselines.forEach(
        (name, rescaling) -> toBeat.put(name, evaluations.perplexity(run.tasks(rescaling))));
    listener.baselines(toBeat);
    Function<ScoredCandidate, SearchResult> result =
        best ->
            SearchResult.of(
                problem.rescaling(best.candidate()), best.perplexity(), baselines, toBeat);
    new SearchLoop(
            strategy,
            settings.mode(),
            run::tasks,
            run.estimator(evaluations),
            log,
            store,
            now -> told(now, result, store))
        .run();
    SearchResult found = result.apply(best(strategy));
    Map<String, Rescaling> methods = new LinkedHashMap<>(baselines);
    methods.put(TradeOff.FOUND, found.rescaling());
    QueryScales scales = found.rescaling().queryScales();
    if (!scales.isNone()) {
      Rescaling without = found.rescaling().withQueryScales(QueryScales.NONE);
      methods.put(TradeOff.WITHOUT_QUERY_SCALES, without);
      WindowTerm window = run.plan().originalWindow(scales);
      store.collect(
          List.of(
              TaskGroup.of("result", TradeOff.WITHOUT_QUERY_SCALES, run.tasks(without)),
              TaskGroup.of("original-window", "query scales", window.scaled()),
              TaskGroup.of("original-window", "no query scales", window.unscaled())));
    }
    store.collect(groups("held-out", methods, run.plan()::heldOut));
    store.collect(groups("original-window", methods, run.plan()::originalWindow));
    disk.write(() -> results.writeFactors(found));
    disk.write(() -> results.write(methods, found.needsNone(), toBeat, strategy));
    return run.directory().read(RunDirectory.SUMMARY_TEXT);
  }

  private ScoredCandidate best(SearchStrategy strategy) {
    return strategy
        .best()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "Every candidate was rejected; the log of "
                        + run.directory().location()
                        + " has the reasons"));
  }

  private void evaluated(TaskResult<?> result, ResultStore store) {
    count.add(result);
    listener.evaluation(count.state(store.pending()));
  }

  /** Follows the strategy after an outcome. */
  private void told(
      SearchStrategy now, Function<ScoredCandidate, SearchResult> result, ResultStore store) {
    now.best().ifPresent(best -> improved(best, result));
    if (now.generations().size() > generations) {
      listener.generation(
          now.generations().get(generations++),
          now.screening(),
          run.search().generations(run.inputs().documents().size()),
          count.state(store.pending()));
    }
  }

  /** Keeps the best on disk, where people look; what cannot be written now is written later. */
  private void improved(ScoredCandidate best, Function<ScoredCandidate, SearchResult> result) {
    if (best.equals(written)) {
      return;
    }
    count.best(best.perplexity());
    try {
      results.writeFactors(result.apply(best));
    } catch (UncheckedIOException e) {
      listener.warning(HadoopDirectory.sentence(e));
      return;
    }
    written = best;
  }

  /** Makes a group for each method: a failure of one says nothing about the others. */
  private static List<TaskGroup> groups(
      String phase,
      Map<String, Rescaling> methods,
      Function<Rescaling, List<EvaluationTask>> tasks) {
    return methods.entrySet().stream()
        .map(method -> TaskGroup.of(phase, method.getKey(), tasks.apply(method.getValue())))
        .toList();
  }
}
