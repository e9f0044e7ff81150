package org.longrope.driver.execution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.longrope.eval.Sha256;
import org.longrope.eval.choices.ChoiceBatch;
import org.longrope.eval.choices.ChoiceScore;
import org.longrope.eval.choices.Choices;
import org.longrope.eval.decoder.StopSignal;

/** Multiple-choice questions that are read under one rescaling and begin alike. */
public record ChoiceTask(ChoiceBatch batch) implements ModelTask<ChoiceScore[]> {
  private static final String SCORES = "scores";
  private static final String ID = "id";
  private static final String LOG_LIKELIHOODS = "log_likelihoods";

  @Override
  public ChoiceScore[] run(Worker worker, StopSignal stop) {
    return batch.scores(worker.model(), stop);
  }

  /** Identifies the questions by their tokens; how many share a batch changes no score. */
  @Override
  public CacheKey key(DocumentHashes documents) {
    Sha256 tokens = new Sha256();
    for (Choices choices : batch.questions()) {
      tokens.add(choices.id());
      add(choices.contextTokens(), tokens);
      for (int[] continuation : choices.continuations()) {
        add(continuation, tokens);
      }
    }
    return CacheKey.of(
        "choices", tokens.hex(), batch.shared(), batch.capacity(), batch.rescaling());
  }

  private static void add(int[] ids, Sha256 hash) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(ids.length + 1, Integer.BYTES));
    bytes.putInt(ids.length);
    bytes.asIntBuffer().put(ids);
    hash.add(bytes.rewind());
  }

  @Override
  public String name() {
    Choices[] questions = batch.questions();
    return questions.length == 1
        ? "question " + questions[0].id()
        : String.format(
            "the questions %s to %s", questions[0].id(), questions[questions.length - 1].id());
  }

  @Override
  public ObjectNode toJson(ChoiceScore[] scores) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    for (ChoiceScore score : scores) {
      ObjectNode one = json.withArray(SCORES).addObject().put(ID, score.id());
      for (double logLikelihood : score.logLikelihoods()) {
        one.withArray(LOG_LIKELIHOODS).add(logLikelihood);
      }
    }
    return json;
  }

  @Override
  public ChoiceScore[] fromJson(JsonNode json) {
    List<ChoiceScore> scores = new ArrayList<>();
    for (JsonNode one : json.required(SCORES)) {
      scores.add(
          new ChoiceScore(
              one.required(ID).asText(),
              StreamSupport.stream(one.required(LOG_LIKELIHOODS).spliterator(), false)
                  .mapToDouble(JsonNode::asDouble)
                  .toArray()));
    }
    if (scores.size() != batch.questions().length) {
      throw new IllegalArgumentException("Not a score for each question");
    }
    return scores.toArray(ChoiceScore[]::new);
  }
}
