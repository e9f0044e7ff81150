package org.longrope.driver.measure.benchmark;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.choices.ChoiceScore;
import org.longrope.eval.choices.Choices;

/**
 * Questions of a benchmark as tokens.
 *
 * @param plan from which it was prepared
 * @param examples number of examples from which shots are taken
 * @param heldOut whether the examples are questions of the benchmark itself, which are not asked
 * @param files that were read
 * @param questions one or more, subject by subject in the files' order
 */
public record PreparedTask(
    TaskPlan plan,
    int examples,
    boolean heldOut,
    List<StoredFile> files,
    List<Question> questions) {
  public PreparedTask {
    files = List.copyOf(files);
    questions = List.copyOf(questions);
  }

  /**
   * Question with the tokens that the model reads.
   *
   * @param subject of the item
   * @param choices prompt and continuations in tokens
   */
  public record Question(String subject, Item item, Choices choices) {}

  /** Returns prompts and continuations in an order in which neighbours have most in common. */
  public List<Choices> choices() {
    return questions.stream().map(Question::choices).toList();
  }

  /** Returns the tokens of the longest prompt with its longest choice. */
  public int length() {
    return longest().longest();
  }

  private Choices longest() {
    return choices().stream().max(Comparator.comparingInt(Choices::longest)).orElseThrow();
  }

  /**
   * Checks that the model can read every question whole.
   *
   * @param window tokens that the model reads at most
   * @throws BadInputException if one cannot
   */
  public void requireLength(int window) {
    if (length() > window) {
      throw BadInputException.of(
          "%s with %d shots needs %,d tokens for question '%s': expected at most %,d, what the"
              + " model reads; lower --shots %s=N, or extend the model by --target-length with"
              + " --method or --factors.",
          plan.benchmark(), plan.shots(), length(), longest().id(), window, plan.benchmark());
    }
  }

  /** Returns all settings that the questions depend on, except the tokenizer. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("task", plan.benchmark().toString());
    json.put("shots", plan.shots());
    json.put("limit", plan.limit());
    json.put("seed", plan.seed());
    files.forEach(file -> json.withArray("files").add(file.sha256()));
    return json;
  }

  /**
   * Scores the answers.
   *
   * @param scores one for each question, in their order
   * @throws IllegalStateException if a log-likelihood is not a number
   */
  public BenchmarkResult result(List<ChoiceScore> scores) {
    Metric metric = plan.benchmark().metric();
    List<BenchmarkResult.Answer> answers = new ArrayList<>();
    for (int q = 0; q < questions.size(); q++) {
      Question question = questions.get(q);
      double[] logLikelihoods = scores.get(q).logLikelihoods();
      for (double logLikelihood : logLikelihoods) {
        if (!(logLikelihood <= 0)) {
          throw new IllegalStateException(
              String.format(
                  "Question %s: the model answered with a log-likelihood of %s",
                  question.choices().id(), logLikelihood));
        }
      }
      answers.add(
          new BenchmarkResult.Answer(
              question.subject(),
              question.item(),
              logLikelihoods,
              metric.chosen(question.item(), logLikelihoods),
              metric.value(question.item(), logLikelihoods)));
    }
    return new BenchmarkResult(this, answers);
  }
}
