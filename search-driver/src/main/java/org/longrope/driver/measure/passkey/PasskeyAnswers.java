package org.longrope.driver.measure.passkey;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.longrope.driver.execution.Respondents;
import org.longrope.driver.store.KeptAnswers;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;

/** A passkey test's answers so far, by the numbers of its trials in the grid's order. */
public final class PasskeyAnswers {
  private final List<PasskeyTrial> trials;
  private final PasskeyGrid grid;
  private final KeptAnswers kept;

  public PasskeyAnswers(PasskeyGrid grid, KeptAnswers kept) {
    this.grid = grid;
    this.kept = kept;
    trials = grid.questions();
  }

  /** The trials that have no answer, in the grid's order. */
  public List<PasskeyTrial> open() {
    return numbers().stream().map(trials::get).toList();
  }

  private List<Integer> numbers() {
    return IntStream.range(0, trials.size())
        .filter(number -> !kept.byNumber().containsKey(number))
        .boxed()
        .toList();
  }

  /**
   * Asks what has no answer, and keeps each answer as it comes.
   *
   * @param progress told each trial that was answered
   */
  public void ask(
      Respondents respondents, PasskeyInquiry inquiry, Consumer<PasskeyTrial> progress) {
    List<Integer> numbers = numbers();
    List<PasskeyTrial> asked = open();
    respondents.ask(
        inquiry,
        asked,
        (index, reply) -> {
          kept.add(
              Map.of(numbers.get(index), toJson(reply.answer())),
              reply.computeType(),
              reply.hardware());
          progress.accept(asked.get(index));
        });
  }

  /**
   * All results.
   *
   * @throws IllegalStateException if a trial has no answer
   */
  public PasskeyMeasurement measurement(boolean needle) {
    List<PasskeyResult> results = new ArrayList<>();
    for (int number = 0; number < trials.size(); number++) {
      JsonNode answer = kept.byNumber().get(number);
      if (answer == null) {
        throw new IllegalStateException("Trial " + number + " has no answer");
      }
      results.add(fromJson(trials.get(number), answer));
    }
    return new PasskeyMeasurement(grid, needle, results);
  }

  private static ObjectNode toJson(PasskeyResult result) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (result.answer() != null) {
      json.put("answer", result.answer());
    }
    return json.put("key_nll", result.keyNll()).put("key_tokens", result.keyTokens());
  }

  private static PasskeyResult fromJson(PasskeyTrial trial, JsonNode json) {
    return new PasskeyResult(
        trial,
        json.has("answer") ? json.path("answer").asText() : null,
        json.path("key_nll").asDouble(),
        json.path("key_tokens").asInt());
  }
}
