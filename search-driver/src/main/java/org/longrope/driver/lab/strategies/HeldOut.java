package org.longrope.driver.lab.strategies;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.driver.store.KeptAnswers;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Perplexities of rescalings on the held-out documents of a problem; each evaluation is kept. */
final class HeldOut implements AutoCloseable {
  private final PreparedProblem prepared;
  private final KeptAnswers kept;
  private final Map<EvaluationTask, DocumentScore> scores = new HashMap<>();
  private final Set<EvaluationTask> rejected = new HashSet<>();
  private int next;

  private HeldOut(PreparedProblem prepared, KeptAnswers kept) {
    this.prepared = prepared;
    this.kept = kept;
    kept.byNumber()
        .forEach(
            (number, answer) -> {
              remember(answer);
              next = number + 1;
            });
  }

  /**
   * Opens the evaluations that earlier processes made.
   *
   * @param measured attention window and threads to measure with
   * @param warning told a sentence if documents are measured on another kind of hardware
   * @throws org.longrope.eval.BadInputException if the directory holds those of other documents
   */
  static HeldOut open(
      Path directory, PreparedProblem prepared, SearchSettings measured, Consumer<String> warning) {
    ObjectNode asked = JsonNodeFactory.instance.objectNode();
    asked.put("test", "held-out perplexity");
    asked.put("model_sha256", prepared.modelHash());
    asked.put("documents", prepared.heldOutHash());
    asked.put("protocol", new Protocol.Truncated(prepared.problem().targetLength()).toString());
    asked.put("attention_window", measured.attentionWindow().toString());
    asked.put("threads", measured.threads());
    return new HeldOut(prepared, KeptAnswers.open(directory, asked, warning));
  }

  private void remember(JsonNode answer) {
    List<Double> factors = new ArrayList<>();
    answer.path("rescale_factors").forEach(factor -> factors.add(factor.asDouble()));
    Rescaling rescaling =
        new Rescaling(
            RescaleFactors.of(factors),
            answer.path("start_tokens").asInt(),
            answer.path("attention_factor").asDouble());
    String document = answer.path("document").asText();
    scores.put(
        new EvaluationTask(
            rescaling, document, new Protocol.Truncated(prepared.problem().targetLength())),
        new DocumentScore(
            document,
            answer.path("nll").asDouble(),
            answer.path("tokens").asLong(),
            answer.path("seconds").asDouble()));
  }

  /** Returns the evaluations that are missing, each once. */
  List<EvaluationTask> missing(Collection<Rescaling> rescalings) {
    return rescalings.stream()
        .flatMap(rescaling -> prepared.tasks(rescaling).stream())
        .distinct()
        .filter(task -> !scores.containsKey(task) && !rejected.contains(task))
        .toList();
  }

  /**
   * Evaluates tasks, and keeps each answer as it comes.
   *
   * @param answered told each
   */
  void measure(List<EvaluationTask> missing, TaskExecutor scorer, Consumer<Evaluation> answered) {
    for (EvaluationTask task : missing) {
      String description = "document " + task.documentId();
      scorer.submit(new TaskGroup("held-out", description, List.of(task)));
    }
    for (int open = missing.size(); open > 0; open--) {
      Evaluation evaluation = scorer.take();
      if (evaluation instanceof Evaluation.Scored scored) {
        keep(scored);
      } else {
        rejected.add(evaluation.task());
      }
      answered.accept(evaluation);
    }
  }

  private void keep(Evaluation.Scored scored) {
    EvaluationTask task = scored.task();
    Rescaling rescaling = task.rescaling();
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    rescaling.factors().toList().forEach(answer.putArray("rescale_factors")::add);
    answer
        .put("start_tokens", rescaling.startTokens())
        .put("attention_factor", rescaling.attentionFactor())
        .put("document", task.documentId())
        .put("nll", scored.score().nll())
        .put("tokens", scored.score().tokens())
        .put("seconds", scored.score().seconds());
    kept.add(Map.of(next++, answer), scored.computeType(), scored.hardware());
    scores.put(task, scored.score());
  }

  /**
   * Returns the perplexity of all held-out documents: infinite if one was rejected, null if one was
   * not evaluated.
   */
  @Nullable Double perplexity(Rescaling rescaling) {
    List<DocumentScore> documents = new ArrayList<>();
    for (EvaluationTask task : prepared.tasks(rescaling)) {
      DocumentScore score = scores.get(task);
      if (rejected.contains(task)) {
        return Double.POSITIVE_INFINITY;
      }
      if (score == null) {
        return null;
      }
      documents.add(score);
    }
    return DocumentScore.perplexity(documents);
  }

  /** Returns the number type of the evaluations; null while there is none. */
  @Nullable String computeType() {
    return kept.computeType();
  }

  @Override
  public void close() {
    kept.close();
  }
}
