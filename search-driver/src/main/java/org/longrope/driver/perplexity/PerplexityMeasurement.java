package org.longrope.driver.perplexity;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Evaluator;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;

/**
 * Documents measured by one protocol with one rescaling.
 *
 * @param protocol which tokens were scored
 * @param rescaling how positions were rescaled
 * @param scores by document, in the documents' order
 */
public record PerplexityMeasurement(
    Protocol protocol, Rescaling rescaling, List<DocumentScore> scores) {

  /**
   * Measures every document.
   *
   * @param progress told after each document how many are done
   */
  public static PerplexityMeasurement of(
      Evaluator evaluator,
      Map<String, int[]> documents,
      Protocol protocol,
      Rescaling rescaling,
      Consumer<Integer> progress) {
    List<DocumentScore> scores = new ArrayList<>();
    documents.forEach(
        (id, sequence) -> {
          scores.add(evaluator.score(id, sequence, protocol, rescaling));
          progress.accept(scores.size());
        });
    return new PerplexityMeasurement(protocol, rescaling, scores);
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
