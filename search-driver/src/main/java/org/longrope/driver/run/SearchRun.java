package org.longrope.driver.run;

import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.worker.ModelSpec;
import org.longrope.driver.execution.worker.WorkerSpec;
import org.longrope.driver.run.problem.ExtensionProblem;
import org.longrope.driver.run.replay.EvaluationPlan;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.Journal;
import org.longrope.driver.run.replay.JournalEntry;
import org.longrope.driver.run.replay.RetryingWriter;
import org.longrope.driver.run.replay.RunCount;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.replay.RunFile;
import org.longrope.driver.run.replay.RunInputs;
import org.longrope.driver.run.results.RunResults;
import org.longrope.driver.run.results.RunStatus;
import org.longrope.driver.run.results.SearchResult;
import org.longrope.driver.run.results.TradeOff;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.cache.CachedExecutor;
import org.longrope.driver.store.cache.EvaluationCache;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Surrogate;

/**
 * A search from its first candidate to its summary. All state is in the journal: going on means
 * asking a fresh strategy again and answering from the journal as far as it reaches.
 */
public final class SearchRun {
  private final SearchSettings settings;
  private final RunInputs subject;
  private final RunDirectory directory;
  private final EvaluationPlan plan;
  private final @Nullable EvaluationCache ledger;

  /** Said when the search is executed. */
  private final List<String> warnings;

  private SearchRun(
      SearchSettings settings,
      RunInputs subject,
      RunDirectory directory,
      @Nullable EvaluationCache ledger,
      List<String> warnings) {
    this.warnings = warnings;
    this.settings = settings;
    this.subject = subject;
    this.directory = directory;
    this.ledger = ledger;
    plan = new EvaluationPlan(settings, subject);
  }

  /**
   * Begins a run in a new directory.
   *
   * @param ledger of evaluations that are shared with other runs, any Hadoop path; null for none
   * @throws BadInputException if model, data, settings or ledger cannot be used; nothing is written
   *     then
   */
  public static SearchRun begin(
      SearchSettings given, @Nullable String ledger, RunDirectory directory, Configuration hadoop) {
    SearchRun run = prepare(given, ledger, directory, hadoop);
    String shared = run.ledger == null ? null : run.ledger.location();
    new RunFile(run.settings, run.subject, RunFile.COURSE, shared).write(directory);
    return run;
  }

  /**
   * Checks what {@link #begin} checks and writes nothing.
   *
   * @param ledger directory of evaluations that runs share; null for none
   * @throws BadInputException if model, data, settings or ledger cannot be used
   */
  public static SearchRun prepare(
      SearchSettings given, @Nullable String ledger, RunDirectory directory, Configuration hadoop) {
    SearchSettings settings = given.withFullPaths(hadoop);
    SearchInputs inputs = SearchInputs.open(settings, hadoop);
    RunInputs subject = inputs.subject();
    EvaluationCache opened = ledger == null ? null : inputs.ledger(ledger, subject, hadoop);
    return new SearchRun(settings, subject, directory, opened, inputs.warnings());
  }

  /** The same without a ledger. */
  public static SearchRun begin(
      SearchSettings given, RunDirectory directory, Configuration hadoop) {
    return begin(given, null, directory, hadoop);
  }

  /**
   * Goes on with a run that was begun, with the limits and the ledger it was begun with.
   *
   * @throws BadInputException if model or data are no longer those it was begun with
   */
  public static SearchRun resume(RunDirectory directory, Configuration hadoop) {
    return resume(directory, limits(directory), ledger(directory), hadoop);
  }

  /**
   * Goes on with a run that was begun.
   *
   * @param limits from now on; no number depends on them
   * @param ledger from now on, any Hadoop path; null for none. No number depends on it
   * @throws BadInputException if model or data are no longer those it was begun with, or the ledger
   *     cannot be used
   */
  public static SearchRun resume(
      RunDirectory directory,
      FaultTolerance limits,
      @Nullable String ledger,
      Configuration hadoop) {
    RunFile begun = RunFile.read(directory);
    return resume(begun, begun.settings().withLimits(limits), directory, ledger, hadoop);
  }

  private static SearchRun resume(
      RunFile begun,
      SearchSettings settings,
      RunDirectory directory,
      @Nullable String ledger,
      Configuration hadoop) {
    begun.requireSameCourse(directory);
    SearchInputs inputs = SearchInputs.open(settings, hadoop);
    RunInputs now = inputs.subject();
    if (!now.equals(begun.subject())) {
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
    return new SearchRun(
        settings,
        now,
        directory,
        ledger == null ? null : inputs.ledger(ledger, now, hadoop),
        inputs.warnings());
  }

  /**
   * Begins a run, or goes on with it if the same was begun there before: what a cluster does that
   * starts a driver again with the same words. Model and data are known by their bytes, and are
   * read where they are said to lie now.
   *
   * @throws BadInputException if the directory holds another run, or as {@link #begin} and {@link
   *     #resume} do
   */
  public static SearchRun beginOrResume(
      SearchSettings given, @Nullable String ledger, String location, Configuration hadoop) {
    if (!RunDirectory.holdsRun(location, hadoop)) {
      return begin(given, ledger, RunDirectory.create(location, hadoop), hadoop);
    }
    RunDirectory directory = RunDirectory.open(location, hadoop);
    requireSame(given, directory);
    SearchSettings here = given.withFullPaths(hadoop);
    RunFile begun = RunFile.read(directory);
    SearchSettings settings =
        begun.settings().withLimits(given.limits()).at(here.model(), here.data());
    return resume(begun, settings, directory, ledger, hadoop);
  }

  /**
   * Says in time that a search cannot be begun; nothing is written.
   *
   * @throws BadInputException if model, data or settings cannot be used
   */
  public static void requireUsable(SearchSettings given, Configuration hadoop) {
    SearchInputs.open(given.withFullPaths(hadoop), hadoop).subject();
  }

  /**
   * Says in time that a run is another than one that is asked for; its limits may be others.
   *
   * @throws BadInputException if it was begun with other settings
   */
  public static void requireSame(SearchSettings given, RunDirectory directory) {
    SearchSettings begun = read(directory).settings.withLimits(given.limits());
    // Model and data are compared by their hashes, wherever they lie now.
    if (!given.at(begun.model(), begun.data()).equals(begun)) {
      throw BadInputException.of(
          "%s holds a run with other settings: expected those in its %s; choose another --output.",
          directory.location(), RunDirectory.RUN);
    }
  }

  /** A run as it was begun; model, data and ledger are not looked at. */
  public static SearchRun read(RunDirectory directory) {
    RunFile begun = RunFile.read(directory);
    try {
      return new SearchRun(begun.settings(), begun.subject(), directory, null, List.of());
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "%s/%s is damaged: %s; restore it from a copy.",
              directory.location(), RunDirectory.RUN, e.getMessage()),
          e);
    }
  }

  /** How far it is, by its journal. */
  public RunStatus status() {
    Journal journal = Journal.open(directory);
    double best = Double.POSITIVE_INFINITY;
    JournalEntry.@Nullable Decided last = null;
    for (JournalEntry entry : journal.entries()) {
      if (entry instanceof JournalEntry.Decided decided) {
        last = decided;
        List<EvaluationTask> tasks = tasks(decided.proposal().candidate());
        if (journal.evaluations().keySet().containsAll(tasks)
            && journal.outcome(tasks) instanceof Outcome.Fitness fitness) {
          best = Math.min(best, fitness.perplexity());
        }
      }
    }
    RunCount count = new RunCount(journal, plannedEvaluations());
    count.best(best < Double.POSITIVE_INFINITY ? OptionalDouble.of(best) : OptionalDouble.empty());
    return new RunStatus(
        directory.location(),
        settings,
        last == null ? 0 : last.number() + 1,
        last == null ? 0 : last.proposal().generation(),
        count.state(0),
        journal.entries().stream().map(JournalEntry::at).toList(),
        journal.entries().stream().filter(SearchRun::isLive).map(JournalEntry::at).toList(),
        directory.exists(RunDirectory.SUMMARY_JSON),
        directory.needsNoRescaling());
  }

  private static boolean isLive(JournalEntry entry) {
    return entry instanceof JournalEntry.Evaluated evaluated && evaluated.evaluation().isLive();
  }

  /** What executors need for this run. */
  public WorkerSpec workerSetup(HadoopSettings hadoop) {
    return new WorkerSpec(
        new ModelSpec(
            settings.model(),
            subject.modelHash(),
            settings.attentionWindow().toString(),
            hadoop,
            settings.targetLength(),
            settings.threads()),
        subject.tokenizerHash(),
        settings.data(),
        subject.dataHash());
  }

  /** What a run was begun to put up with. */
  public static FaultTolerance limits(RunDirectory directory) {
    return read(directory).limits();
  }

  /** The ledger that a run was begun with; null for none. */
  public static @Nullable String ledger(RunDirectory directory) {
    return RunFile.read(directory).ledger();
  }

  /** What the run puts up with. */
  public FaultTolerance limits() {
    return settings.limits();
  }

  /** What the slowest evaluation took so far, seconds; 0 if there is none. */
  public double slowestSeconds() {
    return Journal.open(directory).evaluations().values().stream()
        .filter(Evaluation.Scored.class::isInstance)
        .mapToDouble(evaluation -> ((Evaluation.Scored) evaluation).score().seconds())
        .max()
        .orElse(0);
  }

  /**
   * Searches to the end and writes factors, plots and summary.
   *
   * @param surrogate that screens offspring, where the search has one do it
   * @return the summary as text
   * @throws IllegalStateException if every candidate was rejected
   */
  public String execute(TaskExecutor scorer, Surrogate surrogate, RunListener listener) {
    warnings.forEach(listener::warning);
    RetryingWriter disk = new RetryingWriter(settings.limits().patience(), listener::warning);
    try (Journal journal = disk.get(() -> Journal.claim(directory))) {
      if (ledger == null) {
        return execute(scorer, surrogate, journal, disk, listener);
      }
      try (CachedExecutor shared =
          new CachedExecutor(scorer, ledger, journal.evaluations().values(), listener::warning)) {
        String summary = execute(shared, surrogate, journal, disk, listener);
        listener.reused(shared.answered(), ledger.location());
        return summary;
      }
    }
  }

  private String execute(
      TaskExecutor scorer,
      Surrogate surrogate,
      Journal journal,
      RetryingWriter disk,
      RunListener listener) {
    ExtensionProblem aim = aim();
    SearchStrategy strategy =
        settings
            .search()
            .strategy(
                settings.mode(), aim.space(), aim.seeds(), subject.documents().size(), surrogate);
    JournalledExecutor scored =
        new JournalledExecutor(
            scorer, journal, listener, plannedEvaluations(), settings.limits().patience());
    Map<String, Rescaling> baselines = aim.baselines();
    scored.score(groups("baseline", baselines, plan::searched));
    Map<String, Double> toBeat = new LinkedHashMap<>();
    baselines.forEach((name, rescaling) -> toBeat.put(name, journal.perplexity(tasks(rescaling))));
    listener.baselines(toBeat);
    Function<ScoredCandidate, SearchResult> result =
        best -> SearchResult.of(rescaling(best.candidate()), best.perplexity(), baselines, toBeat);
    evolve(strategy, appraisal(journal), scored, result, listener);
    ScoredCandidate best =
        strategy
            .best()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "Every candidate was rejected; the journal of "
                            + directory.location()
                            + " has the reasons"));
    Map<String, Rescaling> methods = new LinkedHashMap<>(baselines);
    SearchResult found = result.apply(best);
    methods.put(TradeOff.FOUND, found.rescaling());
    scored.score(groups("held-out", methods, plan::heldOut));
    scored.score(groups("original-window", methods, plan::originalWindow));
    RunResults conclusion = new RunResults(settings, subject, plan, directory, journal);
    disk.write(() -> conclusion.writeFactors(found));
    disk.write(() -> conclusion.write(methods, found.needsNone(), toBeat, strategy));
    return directory.read(RunDirectory.SUMMARY_TEXT);
  }

  /** By the best of the methods to beat, which are measured first. */
  public FitnessEstimator appraisal(Journal journal) {
    Comparator<Rescaling> byPerplexity =
        Comparator.comparingDouble(rescaling -> journal.perplexity(tasks(rescaling)));
    return baselines(journal).values().stream()
        .filter(rescaling -> journal.evaluations().keySet().containsAll(tasks(rescaling)))
        .min(byPerplexity)
        .map(reference -> FitnessEstimator.against(tasks(reference), journal))
        .orElseGet(() -> FitnessEstimator.exact(journal));
  }

  private void evolve(
      SearchStrategy strategy,
      FitnessEstimator appraisal,
      JournalledExecutor scored,
      Function<ScoredCandidate, SearchResult> result,
      RunListener listener) {
    int[] complete = {0};
    List<ScoredCandidate> written = new ArrayList<>();
    new SearchLoop(
            strategy,
            settings.mode(),
            this::tasks,
            appraisal,
            scored,
            now -> {
              now.best().ifPresent(best -> improved(best, result, written, scored, listener));
              if (now.generations().size() > complete[0]) {
                listener.generation(
                    now.generations().get(complete[0]++),
                    now.screening(),
                    settings.search().generations(subject.documents().size()),
                    scored.state());
              }
            })
        .run();
  }

  /** Keeps the best on disk, where people look; what cannot be written now is written later. */
  private void improved(
      ScoredCandidate best,
      Function<ScoredCandidate, SearchResult> result,
      List<ScoredCandidate> written,
      JournalledExecutor scored,
      RunListener listener) {
    if (written.contains(best)) {
      return;
    }
    scored.best(best.perplexity());
    try {
      new RunResults(settings, subject, plan, directory, scored.journal())
          .writeFactors(result.apply(best));
    } catch (UncheckedIOException e) {
      listener.warning(HadoopDirectory.sentence(e));
      return;
    }
    written.clear();
    written.add(best);
  }

  private ExtensionProblem aim() {
    return new ExtensionProblem(
        subject.rope(),
        subject.extension(),
        settings.targetLength(),
        settings.maxFactor(),
        settings.attentionFactor(),
        settings.starts());
  }

  public SearchSettings settings() {
    return settings;
  }

  /** What answering a proposal takes. */
  public List<EvaluationTask> tasks(Proposal proposal) {
    return plan.searched(rescaling(proposal.candidate()), proposal);
  }

  /** What scoring a candidate on all documents takes. */
  public List<EvaluationTask> tasks(Candidate candidate) {
    return tasks(rescaling(candidate));
  }

  /** What scoring a rescaling at the target takes. */
  public List<EvaluationTask> tasks(Rescaling rescaling) {
    return plan.searched(rescaling);
  }

  private Rescaling rescaling(Candidate candidate) {
    return aim().rescaling(candidate);
  }

  private long plannedEvaluations() {
    return planned().values().stream().mapToLong(Long::longValue).sum();
  }

  /** Returns the evaluations of the whole run by their length in tokens, if none is left out. */
  public SortedMap<Integer, Long> planned() {
    long baselines = aim().baselines().size();
    int documents = subject.documents().size();
    long searched = settings.search().documentsScored(documents) + baselines * documents;
    List<Integer> lengths = plan.tasks().stream().map(task -> task.protocol().length()).toList();
    SortedMap<Integer, Long> planned = new TreeMap<>();
    lengths.stream()
        .limit(plan.perDocument())
        .forEach(length -> planned.merge(length, searched, Long::sum));
    lengths.stream()
        .skip((long) documents * plan.perDocument())
        .forEach(length -> planned.merge(length, baselines + 1, Long::sum));
    return planned;
  }

  /** Returns a sentence for each thing that a user should know before the search. */
  public List<String> warnings() {
    return warnings;
  }

  /**
   * The methods to beat, by name, as they were measured: an earlier version may have computed them
   * otherwise in the last bit.
   */
  public Map<String, Rescaling> baselines(Journal journal) {
    Map<String, Rescaling> baselines = aim().baselines();
    baselines.replaceAll((name, rescaling) -> journal.measured(rescaling));
    return baselines;
  }

  /** A group for each method: what is wrong with one is not another's fault. */
  private static List<TaskGroup> groups(
      String phase,
      Map<String, Rescaling> methods,
      Function<Rescaling, List<EvaluationTask>> tasks) {
    return methods.entrySet().stream()
        .map(method -> new TaskGroup(phase, method.getKey(), tasks.apply(method.getValue())))
        .toList();
  }
}
