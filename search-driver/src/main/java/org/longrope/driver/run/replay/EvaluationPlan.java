package org.longrope.driver.run.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.replay.CandidateTasks.WindowTerm;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Proposal;

/**
 * Evaluations that measure a rescaling: by the objective of the search, and by plain perplexity at
 * the original window. A document has the same tasks under every rescaling, so that rescalings are
 * compared in pairs.
 */
public final class EvaluationPlan {
  /**
   * Greatest number of windows of a document for query scales. The beginnings of a few documents
   * alone would be learned by heart.
   */
  private static final int WINDOWS = 8;

  private final RunInputs subject;
  private final List<List<Protocol>> searched;
  private final List<List<Protocol>> heldOut;

  /** Weight of the original window for query scales; 0 without them or a longer target. */
  private final double windowWeight;

  private final Protocol.Chunked windows;

  public EvaluationPlan(SearchSettings settings, RunInputs subject) {
    this.subject = subject;
    searched = protocols(settings, subject, subject.documents());
    heldOut = protocols(settings, subject, subject.heldOut());
    boolean longer = settings.targetLength() > subject.rope().originalWindow();
    windowWeight = longer && !subject.queryScales().isNone() ? settings.search().windowWeight() : 0;
    int window = subject.rope().originalWindow();
    long most = Math.max(window, Math.min(settings.targetLength(), (long) WINDOWS * window));
    windows = new Protocol.Chunked(window, Math.toIntExact(most));
  }

  private static List<List<Protocol>> protocols(
      SearchSettings settings, RunInputs subject, List<String> documents) {
    return settings
        .objective()
        .protocols(
            documents,
            settings.targetLength(),
            subject.rope().originalWindow(),
            settings.search().seed());
  }

  /** Returns the evaluations that a candidate is ranked by. */
  public List<EvaluationTask> searched(Rescaling rescaling) {
    return flat(byDocument(rescaling, subject.documents(), searched));
  }

  /** Returns the evaluations that decide the outcome of a proposal. */
  public CandidateTasks measured(Rescaling rescaling, Proposal proposal) {
    CandidateTasks tasks = measured(rescaling, proposal.documents());
    if (!proposal.gradient()) {
      return tasks;
    }
    WindowTerm window = tasks.window();
    return new CandidateTasks(
        gradients(tasks.objective()),
        window == null
            ? null
            : new WindowTerm(gradients(window.scaled()), window.unscaled(), window.weight()));
  }

  private static List<EvaluationTask> gradients(List<EvaluationTask> tasks) {
    return tasks.stream().map(EvaluationTask::withGradient).toList();
  }

  /**
   * Returns the evaluations that decide the outcome of a rescaling on some documents.
   *
   * @param documents indices; empty: all
   */
  CandidateTasks measured(Rescaling rescaling, List<Integer> documents) {
    List<List<EvaluationTask>> all = byDocument(rescaling, subject.documents(), searched);
    return new CandidateTasks(
        flat(documents.isEmpty() ? all : documents.stream().map(all::get).toList()),
        rescaling.queryScales().isNone() || windowWeight == 0
            ? null
            : windowTerm(rescaling.queryScales(), documents));
  }

  private WindowTerm windowTerm(QueryScales scales, List<Integer> documents) {
    List<String> ids =
        documents.isEmpty()
            ? subject.documents()
            : documents.stream().map(subject.documents()::get).toList();
    Rescaling own = subject.unrescaled();
    return new WindowTerm(
        tasks(own.withQueryScales(scales), ids, windows), tasks(own, ids, windows), windowWeight);
  }

  /**
   * Returns what query scales do at the original window, on held-out documents, or on those of the
   * search where none is held out.
   */
  public WindowTerm originalWindow(QueryScales scales) {
    Rescaling own = subject.unrescaled();
    List<String> ids = subject.heldOut().isEmpty() ? subject.documents() : subject.heldOut();
    return new WindowTerm(
        tasks(own.withQueryScales(scales), ids, windows), tasks(own, ids, windows), windowWeight);
  }

  /**
   * Returns the number of forward passes at the original window for a document of a candidate with
   * query scales; 0 without.
   */
  int windowsOfADocument() {
    return windowWeight > 0 ? -Math.floorDiv(-windows.tokens(), windows.length()) : 0;
  }

  /** Returns the evaluations on the held-out documents, by the same objective. */
  public List<EvaluationTask> heldOut(Rescaling rescaling) {
    return flat(byDocument(rescaling, subject.heldOut(), heldOut));
  }

  /** Returns the evaluations of all documents at the original window. */
  public List<EvaluationTask> originalWindow(Rescaling rescaling) {
    Protocol window = new Protocol.Truncated(subject.rope().originalWindow());
    return tasks(rescaling, subject.all(), window);
  }

  private static List<EvaluationTask> tasks(
      Rescaling rescaling, List<String> documents, Protocol protocol) {
    return documents.stream().map(id -> new EvaluationTask(rescaling, id, protocol)).toList();
  }

  /** Returns all evaluations of one rescaling, each once. */
  public List<EvaluationTask> tasks() {
    Rescaling any = new Rescaling(RescaleFactors.uniform(subject.rope().pairs(), 1), 0, 1);
    return flat(List.of(searched(any), heldOut(any), originalWindow(any))).stream()
        .distinct()
        .toList();
  }

  /** Returns evaluations that read every passage of the run, each once. */
  public List<EvaluationTask> passages() {
    Stream<EvaluationTask> atWindow =
        subject.queryScales().isNone()
            ? Stream.of()
            : tasks(subject.unrescaled(), subject.all(), windows).stream();
    return Stream.concat(tasks().stream(), atWindow).toList();
  }

  /** Returns the number of evaluations that a candidate is ranked by, for each document. */
  public int perDocument() {
    return searched.get(0).size();
  }

  private static List<List<EvaluationTask>> byDocument(
      Rescaling rescaling, List<String> documents, List<List<Protocol>> protocols) {
    List<List<EvaluationTask>> tasks = new ArrayList<>();
    for (int i = 0; i < documents.size(); i++) {
      String document = documents.get(i);
      tasks.add(
          protocols.get(i).stream()
              .map(protocol -> new EvaluationTask(rescaling, document, protocol))
              .toList());
    }
    return tasks;
  }

  private static <T> List<T> flat(List<List<T>> lists) {
    return lists.stream().flatMap(List::stream).toList();
  }

  /** Returns the protocols by which candidates are ranked, each once, the objective's first. */
  public List<Protocol> protocols() {
    Stream<Protocol> objective =
        Stream.of(searched, heldOut).flatMap(List::stream).flatMap(List::stream);
    Stream<Protocol> window = windowWeight > 0 ? Stream.of(windows) : Stream.of();
    return Stream.concat(objective, window).distinct().toList();
  }
}
