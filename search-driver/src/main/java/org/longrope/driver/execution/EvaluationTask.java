package org.longrope.driver.execution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Evaluator;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;

/**
 * An evaluation: the NLL of one document under one rescaling.
 *
 * @param documentId of a document of the worker
 */
public record EvaluationTask(Rescaling rescaling, String documentId, Protocol protocol)
    implements ModelTask<DocumentScore> {
  private static final String NLL = "nll";
  private static final String TOKENS = "tokens";
  private static final String SECONDS = "seconds";

  @Override
  public DocumentScore run(Worker worker, StopSignal stop) {
    PasskeyPrompts prompts =
        protocol instanceof Protocol.Needle
            ? new PasskeyPrompts(worker.tokenizer(), worker.bosTokenId())
            : null;
    DocumentScore score =
        new Evaluator(worker.model(), prompts)
            .score(documentId, worker.sequence(documentId), protocol, rescaling, stop);
    if (!Double.isFinite(score.nll())) {
      throw new TaskRejection("Σ NLL is " + score.nll());
    }
    return score;
  }

  @Override
  public CacheKey key(DocumentHashes documents) {
    return CacheKey.of(NLL, documents.of(this), protocol, rescaling);
  }

  @Override
  public String name() {
    return "the evaluation of document " + documentId;
  }

  @Override
  public ObjectNode toJson(DocumentScore score) {
    return JsonNodeFactory.instance.objectNode().put(NLL, score.nll()).put(TOKENS, score.tokens());
  }

  @Override
  public DocumentScore fromJson(JsonNode json) {
    return new DocumentScore(
        documentId,
        json.required(NLL).asDouble(),
        json.required(TOKENS).asLong(),
        json.path(SECONDS).asDouble());
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
