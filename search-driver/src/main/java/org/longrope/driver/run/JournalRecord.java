package org.longrope.driver.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.longrope.driver.scoring.Evaluation;
import org.longrope.driver.scoring.EvaluationTask;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** One evaluation as the journal writes it; doubles keep all their digits. */
final class JournalRecord {
  private JournalRecord() {}

  static ObjectNode toJson(Evaluation evaluation, String phase) {
    EvaluationTask task = evaluation.task();
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("phase", phase);
    task.rescaling().factors().toList().forEach(json.putArray("rescale_factors")::add);
    json.put("start_tokens", task.rescaling().startTokens());
    json.put("attention_factor", task.rescaling().attentionFactor());
    json.put("length", task.protocol().length());
    json.put("document", task.documentId());
    if (evaluation instanceof Evaluation.Scored scored) {
      json.put("nll", scored.score().nll());
      json.put("tokens", scored.score().tokens());
      json.put("seconds", scored.score().seconds());
      json.put("dtype", scored.computeType());
    } else if (evaluation instanceof Evaluation.Rejected rejected) {
      json.put("rejected", rejected.reason());
    }
    return json;
  }

  /**
   * @throws IllegalArgumentException if a field is missing or of the wrong kind
   */
  static Evaluation fromJson(JsonNode json) {
    List<Double> factors = new ArrayList<>();
    required(json, "rescale_factors").forEach(factor -> factors.add(factor.asDouble()));
    String document = required(json, "document").asText();
    EvaluationTask task =
        new EvaluationTask(
            new Rescaling(
                RescaleFactors.of(factors),
                required(json, "start_tokens").asInt(),
                required(json, "attention_factor").asDouble()),
            document,
            new Protocol.Truncated(required(json, "length").asInt()));
    if (json.has("rejected")) {
      return new Evaluation.Rejected(task, json.get("rejected").asText());
    }
    return new Evaluation.Scored(
        task,
        new DocumentScore(
            document,
            required(json, "nll").asDouble(),
            required(json, "tokens").asLong(),
            required(json, "seconds").asDouble()),
        required(json, "dtype").asText());
  }

  private static JsonNode required(JsonNode json, String field) {
    JsonNode value = json.get(field);
    if (value == null) {
      throw new IllegalArgumentException("No field " + field);
    }
    return value;
  }
}
