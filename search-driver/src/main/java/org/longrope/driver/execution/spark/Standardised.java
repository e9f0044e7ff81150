package org.longrope.driver.execution.spark;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.longrope.search.Candidate;
import org.longrope.search.Surrogate.Observation;
import org.longrope.search.surrogate.CandidateFeatures;

/** Means and standard deviations of the features of observed candidates. */
final class Standardised {
  /** A smaller variance is rounding error. */
  private static final double LEAST_VARIANCE = 1e-20;

  private final double[] means;
  private final double[] deviations;

  private Standardised(double[] means, double[] deviations) {
    this.means = means;
    this.deviations = deviations;
  }

  /** Computes the moments over all observations. */
  static Standardised by(List<Observation> observations) {
    List<double[]> rows =
        observations.stream().map(one -> CandidateFeatures.of(one.candidate())).toList();
    int columns = rows.get(0).length;
    double[] means = new double[columns];
    double[] variances = new double[columns];
    double[] deviations = new double[columns];
    for (double[] row : rows) {
      for (int j = 0; j < columns; j++) {
        means[j] += row[j] / rows.size();
      }
    }
    for (double[] row : rows) {
      for (int j = 0; j < columns; j++) {
        variances[j] += (row[j] - means[j]) * (row[j] - means[j]) / rows.size();
      }
    }
    for (int j = 0; j < columns; j++) {
      deviations[j] = variances[j] > LEAST_VARIANCE ? Math.sqrt(variances[j]) : 0;
    }
    return new Standardised(means, deviations);
  }

  /** Returns the standardised features of a candidate; a feature without variance is 0. */
  double[] features(Candidate candidate) {
    double[] features = CandidateFeatures.of(candidate);
    for (int j = 0; j < features.length; j++) {
      features[j] = deviations[j] > 0 ? (features[j] - means[j]) / deviations[j] : 0;
    }
    return features;
  }

  /** Returns ln perplexity, centred within each document and divided by the deviation of all. */
  static double[] targets(List<Observation> observations) {
    Map<Integer, double[]> sums = new HashMap<>();
    for (Observation one : observations) {
      double[] sum = sums.computeIfAbsent(one.document(), document -> new double[2]);
      sum[0] += one.logPerplexity();
      sum[1]++;
    }
    double[] targets =
        observations.stream()
            .mapToDouble(
                one -> {
                  double[] sum = sums.getOrDefault(one.document(), new double[] {0, 1});
                  return one.logPerplexity() - sum[0] / sum[1];
                })
            .toArray();
    double variance = 0;
    for (double target : targets) {
      variance += target * target / targets.length;
    }
    for (int i = 0; i < targets.length; i++) {
      targets[i] = variance > LEAST_VARIANCE ? targets[i] / Math.sqrt(variance) : 0;
    }
    return targets;
  }
}
