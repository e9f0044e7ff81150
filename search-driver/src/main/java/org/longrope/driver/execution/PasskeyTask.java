package org.longrope.driver.execution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.passkey.Passkey;
import org.longrope.eval.passkey.PasskeyPrompts;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.rope.FactorTable;

/**
 * A trial of the passkey test.
 *
 * @param needle tells whether only the likelihood of the key is measured, without generating an
 *     answer
 * @param factors the rescalings that the text of the trial goes through
 * @param tokenizerHash SHA-256 of the tokenizer that the prompt is written with
 * @param bosTokenId that the prompt begins with; null for none
 */
public record PasskeyTask(
    PasskeyTrial trial,
    boolean needle,
    FactorTable factors,
    String tokenizerHash,
    @Nullable Integer bosTokenId)
    implements ModelTask<PasskeyResult> {
  private static final String ANSWER = "answer";
  private static final String KEY_NLL = "key_nll";
  private static final String KEY_TOKENS = "key_tokens";

  @Override
  public PasskeyResult run(Worker worker, StopSignal stop) {
    OptionalInt bos = bosTokenId == null ? OptionalInt.empty() : OptionalInt.of(bosTokenId);
    Passkey passkey = new Passkey(worker.model(), worker.tokenizer(), bos);
    return needle
        ? passkey.needle(trial, factors.at(PasskeyPrompts.textLength(trial.length())), stop)
        : passkey.retrieve(trial, factors, stop);
  }

  @Override
  public CacheKey key(DocumentHashes documents) {
    return CacheKey.of(
        needle ? "needle" : "passkey",
        trial.length(),
        trial.depth(),
        trial.key(),
        trial.seed(),
        factors,
        tokenizerHash,
        String.valueOf(bosTokenId));
  }

  @Override
  public String name() {
    return String.format(
        Locale.ROOT,
        "the trial at %,d tokens and depth %.2f with key %d",
        trial.length(),
        trial.depth(),
        trial.key());
  }

  @Override
  public ObjectNode toJson(PasskeyResult result) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (result.answer() != null) {
      json.put(ANSWER, result.answer());
    }
    return json.put(KEY_NLL, result.keyNll()).put(KEY_TOKENS, result.keyTokens());
  }

  @Override
  public PasskeyResult fromJson(JsonNode json) {
    return new PasskeyResult(
        trial,
        json.has(ANSWER) ? json.get(ANSWER).asText() : null,
        json.required(KEY_NLL).asDouble(),
        json.required(KEY_TOKENS).asInt());
  }
}
