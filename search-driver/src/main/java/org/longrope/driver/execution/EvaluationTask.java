package org.longrope.driver.execution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.PackedNumbers;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Evaluator;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;

/**
 * An evaluation: the NLL of one document under one rescaling, or that with its gradient.
 *
 * @param documentId of a document of the worker
 * @param gradient whether the score has its gradient by the rescaling
 */
public record EvaluationTask(
    Rescaling rescaling, String documentId, Protocol protocol, boolean gradient)
    implements ModelTask<DocumentScore> {
  private static final String NLL = "nll";
  private static final String GRADIENT = "gradient";
  private static final String BY_FACTORS = "by_log_factors";
  private static final String BY_ATTENTION = "by_log_attention";
  private static final String BY_SCALES = "by_query_scales";
  private static final String TOKENS = "tokens";
  private static final String SECONDS = "seconds";

  /** Makes the evaluation of the NLL alone. */
  public EvaluationTask(Rescaling rescaling, String documentId, Protocol protocol) {
    this(rescaling, documentId, protocol, false);
  }

  /** Returns the evaluation that has the gradient too. */
  public EvaluationTask withGradient() {
    return new EvaluationTask(rescaling, documentId, protocol, true);
  }

  /** Returns the same evaluation under another rescaling. */
  public EvaluationTask at(Rescaling other) {
    return new EvaluationTask(other, documentId, protocol, gradient);
  }

  @Override
  public DocumentScore run(Worker worker, StopSignal stop) {
    PasskeyPrompts prompts =
        protocol instanceof Protocol.Needle
            ? new PasskeyPrompts(worker.tokenizer(), worker.bosTokenId())
            : null;
    Evaluator evaluator = new Evaluator(worker.model(), prompts);
    int[] sequence = worker.sequence(documentId);
    DocumentScore score =
        gradient
            ? evaluator.gradient(documentId, sequence, protocol, rescaling, stop)
            : evaluator.score(documentId, sequence, protocol, rescaling, stop);
    if (!Double.isFinite(score.nll())) {
      throw new TaskRejection("Σ NLL is " + score.nll());
    }
    if (score.gradient() != null && !score.gradient().isFinite()) {
      throw new TaskRejection("the gradient has values that are no numbers");
    }
    return score;
  }

  @Override
  public CacheKey key(DocumentHashes documents) {
    return CacheKey.of(gradient ? GRADIENT : NLL, documents.of(this), protocol, rescaling);
  }

  @Override
  public String name() {
    return (gradient ? "the gradient on document " : "the evaluation of document ") + documentId;
  }

  @Override
  public ObjectNode toJson(DocumentScore score) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put(NLL, score.nll()).put(TOKENS, score.tokens());
    NllGradient slope = score.gradient();
    if (slope != null) {
      slope.byLogFactors().forEach(json.putArray(BY_FACTORS)::add);
      json.put(BY_ATTENTION, slope.byLogAttention());
      if (!slope.byQueryScales().isEmpty()) {
        json.put(BY_SCALES, PackedNumbers.ofFloats(slope.byQueryScales()));
      }
    }
    return json;
  }

  @Override
  public DocumentScore fromJson(JsonNode json) {
    return new DocumentScore(
        documentId,
        json.required(NLL).asDouble(),
        json.required(TOKENS).asLong(),
        json.path(SECONDS).asDouble(),
        gradient ? readGradient(json) : null);
  }

  private static NllGradient readGradient(JsonNode json) {
    List<Double> byLogFactors = new ArrayList<>();
    json.required(BY_FACTORS).forEach(value -> byLogFactors.add(value.asDouble()));
    return new NllGradient(
        byLogFactors,
        json.required(BY_ATTENTION).asDouble(),
        PackedNumbers.floats(json.path(BY_SCALES).asText()));
  }

  /**
   * Makes the result of this task.
   *
   * @param score of the document, with the seconds that it took
   * @param hardware null if that is not known
   */
  public TaskResult.Completed<DocumentScore> completed(
      DocumentScore score, String computeType, @Nullable String hardware) {
    return new TaskResult.Completed<>(this, score, computeType, hardware, score.seconds());
  }
}
