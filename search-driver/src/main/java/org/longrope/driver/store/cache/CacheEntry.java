package org.longrope.driver.store.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.longrope.driver.execution.Evaluation;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/**
 * A number that a ledger keeps, and what it depends on beside its instrument; doubles keep all
 * their digits.
 *
 * @param nll Σ NLL, nats
 * @param tokens that were scored
 * @param seconds that it took; for people
 */
record CacheEntry(Question question, String computeType, double nll, long tokens, double seconds) {
  /**
   * What was measured.
   *
   * @param content SHA-256 of what the model read
   * @param protocol with its length
   */
  record Question(String content, String protocol, Rescaling rescaling) {}

  static CacheEntry of(Question question, Evaluation.Scored scored) {
    return new CacheEntry(
        question,
        scored.computeType(),
        scored.score().nll(),
        scored.score().tokens(),
        scored.score().seconds());
  }

  /** Whether both say the same, bit by bit. */
  boolean agrees(CacheEntry other) {
    return Double.compare(nll, other.nll) == 0 && tokens == other.tokens;
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("at", Instant.now().toString());
    json.put("content_sha256", question.content);
    json.put("protocol", question.protocol);
    question.rescaling.factors().toList().forEach(json.putArray("rescale_factors")::add);
    json.put("start_tokens", question.rescaling.startTokens());
    json.put("attention_factor", question.rescaling.attentionFactor());
    json.put("dtype", computeType);
    json.put("nll", nll);
    json.put("tokens", tokens);
    json.put("seconds", seconds);
    return json;
  }

  /**
   * @param rescalings that were read before: entries of many documents share one
   * @throws IllegalArgumentException if a field is missing
   */
  static CacheEntry fromJson(JsonNode json, Map<Rescaling, Rescaling> rescalings) {
    List<Double> factors = new ArrayList<>();
    json.required("rescale_factors").forEach(factor -> factors.add(factor.asDouble()));
    Rescaling rescaling =
        new Rescaling(
            RescaleFactors.of(factors),
            json.required("start_tokens").asInt(),
            json.required("attention_factor").asDouble());
    return new CacheEntry(
        new Question(
            json.required("content_sha256").asText(),
            json.required("protocol").asText(),
            rescalings.computeIfAbsent(rescaling, Function.identity())),
        json.required("dtype").asText(),
        json.required("nll").asDouble(),
        json.required("tokens").asLong(),
        json.required("seconds").asDouble());
  }
}
