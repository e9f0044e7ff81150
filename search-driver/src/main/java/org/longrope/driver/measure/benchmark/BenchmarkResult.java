package org.longrope.driver.measure.benchmark;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model's answers to a benchmark.
 *
 * @param task what was asked
 * @param answers one for each question, in their order
 */
public record BenchmarkResult(PreparedTask task, List<Answer> answers) {
  public BenchmarkResult {
    answers = List.copyOf(answers);
  }

  /**
   * One question's answer.
   *
   * @param logLikelihoods of the item's choices, in nats; not copied
   * @param chosen index of the model's choice
   * @param value what it is worth, 0 to 1
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Answer(
      String subject, Item item, double[] logLikelihoods, int chosen, double value) {}

  /** The benchmark's number: the mean over subjects of each subject's mean. */
  public Estimate estimate() {
    return Estimate.ofSubjects(bySubject().values());
  }

  /** The mean over all questions alike. */
  public Estimate itemWeighted() {
    return Estimate.ofItems(answers.stream().map(Answer::value).toList());
  }

  /** In the subjects' order. */
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
