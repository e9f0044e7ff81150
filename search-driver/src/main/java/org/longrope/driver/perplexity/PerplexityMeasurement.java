package org.longrope.driver.perplexity;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.longrope.driver.scoring.Evaluation;
import org.longrope.driver.scoring.EvaluationTask;
import org.longrope.driver.scoring.Scorer;
import org.longrope.driver.scoring.TaskGroup;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;

/**
 * Documents measured by one protocol with one rescaling.
 *
 * @param protocol which tokens were scored
 * @param rescaling how positions were rescaled
 * @param scores by document, in the documents' order
 * @param computeType of weights and activations: f32, f16 or bf16
 */
public record PerplexityMeasurement(
    Protocol protocol, Rescaling rescaling, List<DocumentScore> scores, String computeType) {

  /**
   * Measures every document at every length.
   *
   * @param documents ids that the scorer knows
   * @param progress told after each evaluation how many are done
   * @throws IllegalStateException if a document could not be scored
   */
  public static List<PerplexityMeasurement> measure(
      Scorer scorer,
      Collection<String> documents,
      List<Protocol> protocols,
      Function<Protocol, Rescaling> rescaling,
      Consumer<Integer> progress) {
    List<EvaluationTask> tasks = new ArrayList<>();
    for (Protocol protocol : protocols) {
      documents.forEach(
          id -> tasks.add(new EvaluationTask(rescaling.apply(protocol), id, protocol)));
    }
    Map<EvaluationTask, Evaluation.Scored> answers = new HashMap<>();
    for (EvaluationTask task : tasks) {
      String description = task.protocol() + " of " + task.documentId();
      scorer.submit(new TaskGroup("perplexity", description, List.of(task)));
    }
    while (answers.size() < tasks.size()) {
      Evaluation evaluation = scorer.take();
      if (evaluation instanceof Evaluation.Scored scored) {
        answers.put(scored.task(), scored);
        progress.accept(answers.size());
      } else if (evaluation instanceof Evaluation.Rejected rejected) {
        throw new IllegalStateException(
            "document " + rejected.task().documentId() + ": " + rejected.reason());
      }
    }
    List<PerplexityMeasurement> measurements = new ArrayList<>();
    for (Protocol protocol : protocols) {
      List<Evaluation.Scored> scored =
          tasks.stream()
              .filter(task -> task.protocol().equals(protocol))
              .map(task -> Objects.requireNonNull(answers.get(task)))
              .toList();
      measurements.add(
          new PerplexityMeasurement(
              protocol,
              rescaling.apply(protocol),
              scored.stream().map(Evaluation.Scored::score).toList(),
              scored.get(0).computeType()));
    }
    return measurements;
  }

  public double perplexity() {
    return DocumentScore.perplexity(scores);
  }

  /** Σ NLL over all documents, nats. */
  public double nll() {
    return scores.stream().mapToDouble(DocumentScore::nll).sum();
  }

  /** Scored tokens over all documents. */
  public long tokens() {
    return scores.stream().mapToLong(DocumentScore::tokens).sum();
  }

  /** One entry of the results. */
  public ObjectNode toJson() {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.put("length", protocol.length());
    json.put("perplexity", perplexity());
    json.put("nll", nll());
    json.put("tokens", tokens());
    ArrayNode documents = json.putArray("documents");
    for (DocumentScore score : scores) {
      documents
          .addObject()
          .put("id", score.documentId())
          .put("nll", score.nll())
          .put("tokens", score.tokens());
    }
    rescaling.factors().toList().forEach(json.putArray("rescale_factors")::add);
    json.put("start_tokens", rescaling.startTokens());
    json.put("attention_factor", rescaling.attentionFactor());
    return json;
  }
}
