package org.longrope.driver.run;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.longrope.driver.scoring.EvaluationTask;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/**
 * Which evaluations measure a rescaling: at the target by the search's objective, and at the
 * original window by plain perplexity. A document's task is the same for every rescaling, so that
 * they are compared in pairs.
 */
final class EvaluationPlan {
  private final Subject subject;
  private final List<Protocol> searched;
  private final List<Protocol> heldOut;

  EvaluationPlan(SearchSettings settings, Subject subject) {
    this.subject = subject;
    searched = protocols(settings, subject, subject.documents());
    heldOut = protocols(settings, subject, subject.heldOut());
  }

  private static List<Protocol> protocols(
      SearchSettings settings, Subject subject, List<String> documents) {
    return settings
        .objective()
        .protocols(
            documents,
            settings.targetLength(),
            subject.rope().originalWindow(),
            settings.search().seed());
  }

  /** What a candidate is ranked by. */
  List<EvaluationTask> searched(Rescaling rescaling) {
    return tasks(rescaling, subject.documents(), searched);
  }

  /** The same measure on documents that are not searched on. */
  List<EvaluationTask> heldOut(Rescaling rescaling) {
    return tasks(rescaling, subject.heldOut(), heldOut);
  }

  /** Perplexity of all documents at the original window. */
  List<EvaluationTask> originalWindow(Rescaling rescaling) {
    Protocol window = new Protocol.Truncated(subject.rope().originalWindow());
    return subject.all().stream().map(id -> new EvaluationTask(rescaling, id, window)).toList();
  }

  /** All of these, of a rescaling that stands for any. */
  List<EvaluationTask> tasks() {
    Rescaling any = new Rescaling(RescaleFactors.uniform(subject.rope().pairs(), 1), 0, 1);
    return Stream.of(searched(any), heldOut(any), originalWindow(any))
        .flatMap(List::stream)
        .toList();
  }

  private static List<EvaluationTask> tasks(
      Rescaling rescaling, List<String> documents, List<Protocol> protocols) {
    List<EvaluationTask> tasks = new ArrayList<>();
    for (int i = 0; i < documents.size(); i++) {
      tasks.add(new EvaluationTask(rescaling, documents.get(i), protocols.get(i)));
    }
    return tasks;
  }

  /** The protocols at the target, those of the search first; one that all documents share once. */
  List<Protocol> protocols() {
    return Stream.concat(searched.stream(), heldOut.stream()).distinct().toList();
  }
}
