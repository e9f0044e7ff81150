package org.longrope.driver.run;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.TaskDocuments;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.run.replay.BegunRun;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunFile;
import org.longrope.driver.run.replay.RunInputs;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.RetryingWriter;
import org.longrope.driver.store.cache.CachedExecutor;
import org.longrope.driver.store.cache.EvaluationCache;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.BadInputException;
import org.longrope.search.Surrogate;

/**
 * A search from its first candidate to its results. All state is in the log: resuming means asking
 * a fresh strategy again and answering from the log as far as it reaches.
 */
public final class SearchRun {
  private final BegunRun run;
  private final @Nullable EvaluationCache cache;
  private final List<String> warnings;

  private SearchRun(BegunRun run, @Nullable EvaluationCache cache, List<String> warnings) {
    this.run = run;
    this.cache = cache;
    this.warnings = warnings;
  }

  /**
   * Begins a run in a new directory.
   *
   * @param cache of evaluations that are shared with other runs, any Hadoop path; null for none
   * @throws BadInputException if model, data, settings or cache cannot be used; nothing is written
   *     then
   */
  public static SearchRun begin(
      SearchSettings given, @Nullable String cache, RunDirectory directory, Configuration hadoop) {
    SearchRun begun = prepare(given, cache, directory, hadoop);
    String shared = begun.cache == null ? null : begun.cache.location();
    new RunFile(begun.run.settings(), begun.run.inputs(), RunFile.COURSE, shared).write(directory);
    return begun;
  }

  /**
   * Checks what {@link #begin} checks and writes nothing.
   *
   * @param cache of evaluations that runs share; null for none
   * @throws BadInputException if model, data, settings or cache cannot be used
   */
  public static SearchRun prepare(
      SearchSettings given, @Nullable String cache, RunDirectory directory, Configuration hadoop) {
    SearchSettings settings = given.withFullPaths(hadoop);
    SearchInputs inputs = SearchInputs.open(settings, hadoop);
    RunInputs subject = inputs.subject();
    EvaluationCache opened = cache == null ? null : inputs.cache(cache, subject, hadoop);
    return new SearchRun(new BegunRun(settings, subject, directory), opened, inputs.warnings());
  }

  /** Begins a run without an evaluation cache. */
  public static SearchRun begin(
      SearchSettings given, RunDirectory directory, Configuration hadoop) {
    return begin(given, null, directory, hadoop);
  }

  /**
   * Resumes a run with the fault tolerance and the evaluation cache that it was begun with.
   *
   * @throws BadInputException if model or data have changed since
   */
  public static SearchRun resume(RunDirectory directory, Configuration hadoop) {
    return resume(directory, limits(directory), cache(directory), hadoop);
  }

  /**
   * Resumes a run.
   *
   * @param limits from now on; no number depends on them
   * @param cache from now on, any Hadoop path; null for none. No number depends on it
   * @throws BadInputException if model or data have changed since the run was begun, or the cache
   *     cannot be used
   */
  public static SearchRun resume(
      RunDirectory directory, FaultTolerance limits, @Nullable String cache, Configuration hadoop) {
    RunFile begun = RunFile.read(directory);
    return resume(begun, begun.settings().withLimits(limits), directory, cache, hadoop);
  }

  private static SearchRun resume(
      RunFile begun,
      SearchSettings settings,
      RunDirectory directory,
      @Nullable String cache,
      Configuration hadoop) {
    begun.requireSameCourse(directory);
    SearchInputs inputs = SearchInputs.open(settings, hadoop);
    RunInputs now = inputs.subject();
    if (!now.equals(begun.subject().withWindowSource(now.windowSource()))) {
      boolean model = now.dataHash().equals(begun.subject().dataHash());
      String place = model ? settings.model() : settings.data();
      boolean elsewhere = !place.equals(model ? begun.settings().model() : begun.settings().data());
      throw BadInputException.of(
          elsewhere
              ? "%s %s is not what %s was begun with: expected the same bytes; give that one, or"
                  + " choose another --output."
              : "%s %s of %s has changed since the run began: expected the same bytes; restore it,"
                  + " or begin a new run.",
          model ? "The model" : "The data",
          place,
          directory.location());
    }
    directory.removeUnfinished();
    return new SearchRun(
        new BegunRun(settings, now, directory),
        cache == null ? null : inputs.cache(cache, now, hadoop),
        inputs.warnings());
  }

  /**
   * Begins a run, or resumes it if the same run was begun there before, for a cluster that starts a
   * driver again with the same command line. Model and data are known by their bytes, and are read
   * where they are now.
   *
   * @throws BadInputException if the directory holds another run, or as {@link #begin} and {@link
   *     #resume} do
   */
  public static SearchRun beginOrResume(
      SearchSettings given, @Nullable String cache, String location, Configuration hadoop) {
    if (!RunDirectory.holdsRun(location, hadoop)) {
      return begin(given, cache, RunDirectory.create(location, hadoop), hadoop);
    }
    RunDirectory directory = RunDirectory.open(location, hadoop);
    requireSame(given, directory);
    SearchSettings here = given.withFullPaths(hadoop);
    RunFile begun = RunFile.read(directory);
    SearchSettings settings =
        begun.settings().withLimits(given.limits()).at(here.model(), here.data());
    return resume(begun, settings, directory, cache, hadoop);
  }

  /**
   * Checks that a search can be begun; nothing is written.
   *
   * @throws BadInputException if model, data or settings cannot be used
   */
  public static void requireUsable(SearchSettings given, Configuration hadoop) {
    SearchInputs.open(given.withFullPaths(hadoop), hadoop).subject();
  }

  /**
   * Checks that a run was begun with these settings; its fault tolerance may differ.
   *
   * @throws BadInputException if it was begun with other settings
   */
  public static void requireSame(SearchSettings given, RunDirectory directory) {
    SearchSettings begun = BegunRun.read(directory).settings().withLimits(given.limits());
    // Model and data are compared by their hashes, wherever they are now.
    if (!given.at(begun.model(), begun.data()).equals(begun)) {
      throw BadInputException.of(
          "%s holds a run with other settings: expected those in its %s; choose another --output.",
          directory.location(), RunDirectory.RUN);
    }
  }

  /** Returns what executors need for this run. */
  public WorkerSpec workerSpec(HadoopSettings hadoop) {
    SearchSettings settings = run.settings();
    RunInputs inputs = run.inputs();
    return new WorkerSpec(
        new ModelSpec(
            settings.model(),
            inputs.modelHash(),
            settings.attentionWindow().toString(),
            hadoop,
            settings.targetLength(),
            settings.threads()),
        inputs.tokenizerHash(),
        new TaskDocuments.Partition(settings.data(), inputs.dataHash()));
  }

  /** Returns the fault tolerance that a run was begun with. */
  public static FaultTolerance limits(RunDirectory directory) {
    return BegunRun.read(directory).settings().limits();
  }

  /** Returns the evaluation cache that a run was begun with; null for none. */
  public static @Nullable String cache(RunDirectory directory) {
    return RunFile.read(directory).cache();
  }

  /** Returns the fault tolerance of this run. */
  public FaultTolerance limits() {
    return run.settings().limits();
  }

  /** Returns the seconds of the slowest evaluation so far; 0 without one. */
  public double slowestSeconds() {
    return run.log().results().values().stream()
        .filter(TaskResult.Completed.class::isInstance)
        .mapToDouble(result -> ((TaskResult.Completed<?>) result).seconds())
        .max()
        .orElse(0);
  }

  /**
   * Searches to the end and writes factors, plots and summary.
   *
   * @param surrogate that screens offspring, if the strategy uses one
   * @return the summary as text
   * @throws IllegalStateException if every candidate was rejected
   */
  public String execute(TaskExecutor executor, Surrogate surrogate, RunListener listener) {
    warnings.forEach(listener::warning);
    RetryingWriter disk = new RetryingWriter(limits().timeout(), listener::warning);
    try (RunLog log = disk.get(run::claim)) {
      if (cache == null) {
        return new RunExecution(run, log, disk, listener).execute(executor, surrogate);
      }
      try (CachedExecutor cached =
          new CachedExecutor(executor, cache, log.results().values(), listener::warning)) {
        String summary = new RunExecution(run, log, disk, listener).execute(cached, surrogate);
        listener.reused(cached.answered(), cache.location());
        return summary;
      }
    }
  }

  public SearchSettings settings() {
    return run.settings();
  }

  /** Returns the evaluations of the whole run by their length in tokens, if none is left out. */
  public SortedMap<Integer, Long> planned() {
    return run.planned();
  }

  /** Returns the evaluations that have a gradient, of those of {@link #planned}. */
  public SortedMap<Integer, Long> plannedGradients() {
    return run.plannedGradients();
  }

  /** Describes the original window: how many tokens, and what says so. */
  public String originalWindow() {
    return String.format(
        Locale.ROOT,
        "%,d tokens (%s)",
        run.inputs().rope().originalWindow(),
        Objects.requireNonNullElse(run.inputs().windowSource(), "as the run began"));
  }

  /** Returns a sentence for each thing that a user should know before the search. */
  public List<String> warnings() {
    return warnings;
  }
}
