package org.longrope.driver.measure.benchmark;

import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Mean of answers with its standard error.
 *
 * @param value 0 to 1
 * @param standardError of the value as an estimate for other questions; null where a single
 *     question gives none
 * @param items questions
 */
public record Estimate(double value, @Nullable Double standardError, int items) {
  /** Averages questions; the error is their sample standard deviation over √n. */
  static Estimate ofItems(List<Double> values) {
    int n = values.size();
    double mean = values.stream().mapToDouble(Double::doubleValue).sum() / n;
    double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    return new Estimate(mean, n < 2 ? null : Math.sqrt(squares / (n - 1) / n), n);
  }

  /** Averages subjects with equal weights; their questions are independent. */
  static Estimate ofSubjects(Collection<Estimate> subjects) {
    double mean = 0;
    double variance = 0;
    int items = 0;
    boolean known = true;
    for (Estimate subject : subjects) {
      mean += subject.value / subjects.size();
      items += subject.items;
      Double error = subject.standardError;
      known &= error != null;
      variance += error == null ? 0 : error * error;
    }
    return new Estimate(mean, known ? Math.sqrt(variance) / subjects.size() : null, items);
  }
}
