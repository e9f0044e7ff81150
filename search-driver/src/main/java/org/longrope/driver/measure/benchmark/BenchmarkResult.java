package org.longrope.driver.measure.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Answers of a model to a benchmark.
 *
 * @param task with the questions
 * @param answers one for each question, in their order
 */
public record BenchmarkResult(PreparedTask task, List<Answer> answers) {
  public BenchmarkResult {
    answers = List.copyOf(answers);
  }

  /**
   * Answer to a question.
   *
   * @param logLikelihoods of the item's choices, in nats; not copied
   * @param chosen index of the model's choice
   * @param value score of the answer, 0 to 1
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Answer(
      String subject, Item item, double[] logLikelihoods, int chosen, double value) {}

  /** Returns the score of the benchmark: the mean over subjects of the mean of each. */
  public Estimate estimate() {
    return Estimate.ofSubjects(bySubject().values());
  }

  /** Returns the mean over all questions. */
  public Estimate itemWeighted() {
    return Estimate.ofItems(answers.stream().map(Answer::value).toList());
  }

  /** Returns the mean of each subject, in the order of the subjects. */
  public Map<String, Estimate> bySubject() {
    Map<String, List<Double>> values = new LinkedHashMap<>();
    for (Answer answer : answers) {
      values.computeIfAbsent(answer.subject(), subject -> new ArrayList<>()).add(answer.value());
    }
    Map<String, Estimate> estimates = new LinkedHashMap<>();
    values.forEach((subject, list) -> estimates.put(subject, Estimate.ofItems(list)));
    return estimates;
  }
}
