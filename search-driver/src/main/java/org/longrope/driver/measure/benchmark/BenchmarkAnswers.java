package org.longrope.driver.measure.benchmark;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import org.longrope.driver.execution.Respondents;
import org.longrope.driver.store.KeptAnswers;
import org.longrope.eval.choices.ChoiceBatch;
import org.longrope.eval.choices.ChoiceScore;

/** The answers so far to a questionnaire, by the numbers of its questions. */
public final class BenchmarkAnswers {
  private final Questionnaire questionnaire;
  private final KeptAnswers kept;

  public BenchmarkAnswers(Questionnaire questionnaire, KeptAnswers kept) {
    this.questionnaire = questionnaire;
    this.kept = kept;
  }

  /** The batches of questions that have no answer. */
  public List<Questionnaire.Batch> open() {
    return questionnaire.batches(kept.byNumber().keySet());
  }

  /**
   * Asks what has no answer, and keeps the answers of each batch as they come.
   *
   * @param progress told each batch that was answered
   */
  public void ask(Respondents respondents, Consumer<Questionnaire.Batch> progress) {
    List<Questionnaire.Batch> open = open();
    List<ChoiceBatch> asked = open.stream().map(Questionnaire.Batch::choices).toList();
    respondents.ask(
        new BenchmarkInquiry(),
        asked,
        (index, reply) -> {
          Questionnaire.Batch batch = open.get(index);
          kept.add(lines(batch.numbers(), reply.answer()), reply.computeType(), reply.hardware());
          progress.accept(batch);
        });
  }

  private static Map<Integer, ObjectNode> lines(List<Integer> numbers, ChoiceScore[] scores) {
    Map<Integer, ObjectNode> lines = new LinkedHashMap<>();
    for (int i = 0; i < scores.length; i++) {
      ObjectNode json = JsonNodeFactory.instance.objectNode().put("id", scores[i].id());
      ArrayNode logLikelihoods = json.putArray("log_likelihoods");
      for (double logLikelihood : scores[i].logLikelihoods()) {
        logLikelihoods.add(logLikelihood);
      }
      lines.put(numbers.get(i), json);
    }
    return lines;
  }

  /**
   * What the answers are worth.
   *
   * @return one result for each task
   * @throws IllegalStateException if a question has no answer, or a log-likelihood is not a number
   */
  public List<BenchmarkResult> results() {
    return questionnaire.results(this::score);
  }

  private ChoiceScore score(int number) {
    JsonNode answer = kept.byNumber().get(number);
    if (answer == null) {
      throw new IllegalStateException("Question " + number + " has no answer");
    }
    return new ChoiceScore(
        answer.path("id").asText(),
        StreamSupport.stream(answer.path("log_likelihoods").spliterator(), false)
            .mapToDouble(JsonNode::asDouble)
            .toArray());
  }
}
