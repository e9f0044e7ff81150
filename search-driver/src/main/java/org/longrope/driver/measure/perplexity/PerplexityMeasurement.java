package org.longrope.driver.measure.perplexity;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.RescalingJson;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;

/**
 * Documents measured by one protocol with one rescaling.
 *
 * @param method name of the rescaling
 * @param protocol that chose the scored tokens
 * @param rescaling of the positions
 * @param scores of the documents, in their order
 */
public record PerplexityMeasurement(
    String method, Protocol protocol, Rescaling rescaling, List<DocumentScore> scores) {

  public PerplexityMeasurement {
    scores = List.copyOf(scores);
  }

  /** Returns the position of the first scored token where it is not the second of the text. */
  @Nullable Integer from() {
    return protocol instanceof Protocol.Tail tail ? (Integer) tail.from() : null;
  }

  public double perplexity() {
    return DocumentScore.perplexity(scores);
  }

  /** Returns Σ NLL over all documents, nats. */
  public double nll() {
    return scores.stream().mapToDouble(DocumentScore::nll).sum();
  }

  /** Returns the number of scored tokens of all documents. */
  public long tokens() {
    return scores.stream().mapToLong(DocumentScore::tokens).sum();
  }

  /** Returns the entry of the results. */
  public ObjectNode toJson() {
    ObjectNode json = new JsonMapper().createObjectNode();
    json.put("method", method);
    if (from() != null) {
      json.put("from", from());
    }
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
    RescalingJson.put(json, rescaling);
    return json;
  }
}
