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
  private final RunInputs subject;
  private final List<List<Protocol>> searched;
  private final List<List<Protocol>> heldOut;

  /** Weight of the original window for query scales; 0 without them or a longer target. */
  private final double windowWeight;

  public EvaluationPlan(SearchSettings settings, RunInputs subject) {
    this.subject = subject;
    searched = protocols(settings, subject, subject.documents());
    heldOut = protocols(settings, subject, subject.heldOut());
    boolean longer = settings.targetLength() > subject.rope().originalWindow();
    windowWeight = longer && !subject.queryScales().isNone() ? settings.search().windowWeight() : 0;
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
        atWindow(own.withQueryScales(scales), ids), atWindow(own, ids), windowWeight);
  }

  /** Returns what query scales do at the original window, on all documents. */
  public WindowTerm originalWindow(QueryScales scales) {
    Rescaling own = subject.unrescaled();
    return new WindowTerm(
        originalWindow(own.withQueryScales(scales)), originalWindow(own), windowWeight);
  }

  /** Tells whether candidates with query scales are evaluated at the original window too. */
  boolean hasWindowTerm() {
    return windowWeight > 0;
  }

  /** Returns the evaluations on the held-out documents, by the same objective. */
  public List<EvaluationTask> heldOut(Rescaling rescaling) {
    return flat(byDocument(rescaling, subject.heldOut(), heldOut));
  }

  /** Returns the evaluations of all documents at the original window. */
  public List<EvaluationTask> originalWindow(Rescaling rescaling) {
    return atWindow(rescaling, subject.all());
  }

  private List<EvaluationTask> atWindow(Rescaling rescaling, List<String> documents) {
    Protocol window = new Protocol.Truncated(subject.rope().originalWindow());
    return documents.stream().map(id -> new EvaluationTask(rescaling, id, window)).toList();
  }

  /** Returns all evaluations of one rescaling, each once. */
  public List<EvaluationTask> tasks() {
    Rescaling any = new Rescaling(RescaleFactors.uniform(subject.rope().pairs(), 1), 0, 1);
    return flat(List.of(searched(any), heldOut(any), originalWindow(any))).stream()
        .distinct()
        .toList();
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

  /** Returns the protocols of the objective, each once, those of the search first. */
  public List<Protocol> protocols() {
    return Stream.of(searched, heldOut)
        .flatMap(List::stream)
        .flatMap(List::stream)
        .distinct()
        .toList();
  }
}
