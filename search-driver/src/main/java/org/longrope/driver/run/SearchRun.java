package org.longrope.driver.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.files.HadoopDirectory;
import org.longrope.driver.scoring.Evaluation;
import org.longrope.driver.scoring.EvaluationTask;
import org.longrope.driver.scoring.Limits;
import org.longrope.driver.scoring.Scorer;
import org.longrope.driver.scoring.TaskGroup;
import org.longrope.driver.scoring.WorkerSetup;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;
import org.longrope.search.Scored;
import org.longrope.search.SearchStrategy;

/**
 * A search from its first candidate to its summary. All state is in the journal: going on means
 * asking a fresh strategy again and answering from the journal as far as it reaches.
 */
public final class SearchRun {
  private static final int FORMAT_VERSION = 3;

  /** Without an objective: all such runs minimise perplexity. */
  private static final int OLDEST_VERSION = 2;

  private static final JsonMapper JSON = new JsonMapper();

  private final SearchSettings settings;
  private final Subject subject;
  private final RunDirectory directory;
  private final EvaluationPlan plan;

  private SearchRun(SearchSettings settings, Subject subject, RunDirectory directory) {
    this.settings = settings;
    this.subject = subject;
    this.directory = directory;
    plan = new EvaluationPlan(settings, subject);
  }

  /**
   * Begins a run in a new directory.
   *
   * @throws BadInputException if model, data or settings cannot be used; nothing is written then
   */
  public static SearchRun begin(
      SearchSettings given, RunDirectory directory, Configuration hadoop) {
    SearchSettings settings = given.withFullPaths(hadoop);
    Subject subject = Subject.of(settings, hadoop);
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("format_version", FORMAT_VERSION);
    json.set("settings", settings.toJson());
    json.set("subject", subject.toJson());
    json.set("versions", Versions.toJson());
    directory.begin(json.toPrettyString() + "\n");
    return new SearchRun(settings, subject, directory);
  }

  /**
   * Goes on with a run that was begun, with the limits it was begun with.
   *
   * @throws BadInputException if model or data are no longer those it was begun with
   */
  public static SearchRun resume(RunDirectory directory, Configuration hadoop) {
    return resume(directory, read(directory).limits(), hadoop);
  }

  /**
   * Goes on with a run that was begun.
   *
   * @param limits from now on; no number depends on them
   * @throws BadInputException if model or data are no longer those it was begun with
   */
  public static SearchRun resume(RunDirectory directory, Limits limits, Configuration hadoop) {
    SearchRun begun = read(directory);
    SearchRun run = new SearchRun(begun.settings.withLimits(limits), begun.subject, directory);
    Subject now = Subject.of(run.settings, hadoop);
    if (!now.equals(run.subject)) {
      throw BadInputException.of(
          "%s of %s has changed since the run began: expected the same bytes; restore it, or begin a"
              + " new run.",
          now.dataHash().equals(run.subject.dataHash())
              ? "The model " + run.settings.model()
              : "The data " + run.settings.data(),
          directory.location());
    }
    return run;
  }

  /**
   * Begins a run, or goes on with it if the same was begun there before: what a cluster does that
   * starts a driver again with the same words.
   *
   * @throws BadInputException if the directory holds another run, or as {@link #begin} and {@link
   *     #resume} do
   */
  public static SearchRun beginOrResume(
      SearchSettings given, String location, Configuration hadoop) {
    if (!RunDirectory.holdsRun(location, hadoop)) {
      return begin(given, RunDirectory.create(location, hadoop), hadoop);
    }
    RunDirectory directory = RunDirectory.open(location, hadoop);
    SearchRun run = resume(directory, given.limits(), hadoop);
    // Model and data are the same by their hashes, wherever they lie now.
    if (!given.at(run.settings.model(), run.settings.data()).equals(run.settings)) {
      throw BadInputException.of(
          "%s holds a run with other settings: expected those in its %s; choose another --output.",
          location, RunDirectory.RUN);
    }
    return run;
  }

  /** A run as it was begun; model and data are not looked at. */
  static SearchRun read(RunDirectory directory) {
    JsonNode json;
    try {
      json = JSON.readTree(directory.read(RunDirectory.RUN));
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          String.format(
              "%s/%s is damaged: expected JSON as the search wrote it; restore it from a copy.",
              directory.location(), RunDirectory.RUN),
          e);
    }
    if (!json.path("format_version").isInt()) {
      throw BadInputException.of(
          "%s/%s is damaged: expected JSON with a format_version; restore it from a copy.",
          directory.location(), RunDirectory.RUN);
    }
    int version = json.path("format_version").asInt();
    if (!(version >= OLDEST_VERSION && version <= FORMAT_VERSION)) {
      throw BadInputException.of(
          "%s has format version %d: expected %d to %d; go on with the version of longrope that began"
              + " it.",
          directory.location(), version, OLDEST_VERSION, FORMAT_VERSION);
    }
    SearchSettings settings = SearchSettings.fromJson(json.path("settings"));
    Subject subject = Subject.fromJson(json.path("subject"));
    try {
      return new SearchRun(settings, subject, directory);
    } catch (IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "%s/%s is damaged: %s; restore it from a copy.",
              directory.location(), RunDirectory.RUN, e.getMessage()),
          e);
    }
  }

  /** How far it is, by its journal. */
  RunStatus status() {
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
        directory.exists(RunDirectory.SUMMARY_JSON));
  }

  /** What executors need for this run. */
  public WorkerSetup workerSetup(Map<String, String> hadoop) {
    return new WorkerSetup(
        settings.model(),
        subject.modelHash(),
        subject.tokenizerHash(),
        settings.attentionWindow().toString(),
        settings.data(),
        subject.dataHash(),
        hadoop,
        settings.targetLength(),
        settings.threads());
  }

  /** What a run was begun to put up with. */
  public static Limits limits(RunDirectory directory) {
    return read(directory).limits();
  }

  /** What the run puts up with. */
  public Limits limits() {
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
   * @return the summary as text
   * @throws IllegalStateException if every candidate was rejected
   */
  public String execute(Scorer scorer, RunListener listener) {
    DiskPatience disk = new DiskPatience(settings.limits().patience(), listener::warning);
    try (Journal journal = disk.get(() -> Journal.claim(directory))) {
      Aim aim = aim();
      SearchStrategy strategy =
          settings
              .search()
              .strategy(settings.mode(), aim.space(), aim.seeds(), subject.documents().size());
      JournalledScorer scored =
          new JournalledScorer(
              scorer, journal, listener, plannedEvaluations(), settings.limits().patience());
      Map<String, Rescaling> baselines = aim.baselines();
      scored.score(groups("baseline", baselines, plan::searched));
      Map<String, Double> toBeat = new LinkedHashMap<>();
      baselines.forEach(
          (name, rescaling) -> toBeat.put(name, journal.perplexity(tasks(rescaling))));
      listener.baselines(toBeat);
      evolve(strategy, appraisal(journal), scored, listener);
      Scored best =
          strategy
              .best()
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "Every candidate was rejected; the journal of "
                              + directory.location()
                              + " has the reasons"));
      Map<String, Rescaling> methods = new LinkedHashMap<>(baselines);
      methods.put("found", rescaling(best.candidate()));
      scored.score(groups("held-out", methods, plan::heldOut));
      scored.score(groups("original-window", methods, plan::originalWindow));
      Conclusion conclusion = new Conclusion(settings, subject, plan, directory, journal);
      disk.write(() -> conclusion.writeFactors(rescaling(best.candidate()), best.perplexity()));
      disk.write(() -> conclusion.write(methods, toBeat, strategy.generations()));
      return directory.read(RunDirectory.SUMMARY_TEXT);
    }
  }

  /** By the best of the methods to beat, which are measured first. */
  Appraisal appraisal(Journal journal) {
    Comparator<Rescaling> byPerplexity =
        Comparator.comparingDouble(rescaling -> journal.perplexity(tasks(rescaling)));
    return baselines().values().stream()
        .filter(rescaling -> journal.evaluations().keySet().containsAll(tasks(rescaling)))
        .min(byPerplexity)
        .map(reference -> Appraisal.against(tasks(reference), journal))
        .orElseGet(() -> Appraisal.exact(journal));
  }

  private void evolve(
      SearchStrategy strategy, Appraisal appraisal, JournalledScorer scored, RunListener listener) {
    int[] complete = {0};
    List<Scored> written = new ArrayList<>();
    new Evolution(
            strategy,
            settings.mode(),
            this::tasks,
            appraisal,
            scored,
            now -> {
              now.best().ifPresent(best -> improved(best, written, scored, listener));
              if (now.generations().size() > complete[0]) {
                listener.generation(
                    now.generations().get(complete[0]++),
                    settings.search().generations(),
                    scored.state());
              }
            })
        .run();
  }

  /** Keeps the best on disk, where people look; what cannot be written now is written later. */
  private void improved(
      Scored best, List<Scored> written, JournalledScorer scored, RunListener listener) {
    if (written.contains(best)) {
      return;
    }
    scored.best(best.perplexity());
    try {
      new Conclusion(settings, subject, plan, directory, scored.journal())
          .writeFactors(rescaling(best.candidate()), best.perplexity());
    } catch (UncheckedIOException e) {
      listener.warning(HadoopDirectory.sentence(e));
      return;
    }
    written.clear();
    written.add(best);
  }

  private Aim aim() {
    return Aim.of(subject, settings);
  }

  SearchSettings settings() {
    return settings;
  }

  /** What scoring a candidate takes. */
  List<EvaluationTask> tasks(Candidate candidate) {
    return tasks(rescaling(candidate));
  }

  /** What scoring a rescaling at the target takes. */
  List<EvaluationTask> tasks(Rescaling rescaling) {
    return plan.searched(rescaling);
  }

  private Rescaling rescaling(Candidate candidate) {
    return aim().rescaling(candidate);
  }

  /** Documents × rescalings of the whole run, if no offspring is left out. */
  private long plannedEvaluations() {
    long baselines = aim().baselines().size();
    int documents = subject.documents().size();
    long searched = settings.search().documentsScored(documents) + baselines * documents;
    long concluding = (baselines + 1) * (subject.heldOut().size() + subject.all().size());
    return searched + concluding;
  }

  Map<String, Rescaling> baselines() {
    return aim().baselines();
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
