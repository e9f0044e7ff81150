package org.longrope.driver.run.results;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.math3.distribution.TDistribution;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.run.replay.Evaluations;
import org.longrope.eval.perplexity.DocumentScore;

/**
 * Difference between two rescalings, document by document: the mean over documents of the
 * difference in NLL per token, with its interval by Student's t. Documents differ far more in level
 * than in the effect of a rescaling. All lengths of a document count alike.
 *
 * @param difference mean of NLL per token less the other's, nats; below 0 is better
 * @param half half of the interval's width that covers the mean in 95 % of cases
 * @param documents compared, 2 or more
 */
record PairedGain(double difference, double half, int documents) {
  private static final double COVERED = 0.95;

  /**
   * Compares two rescalings' tasks on the same documents in the same order.
   *
   * @return empty if there are fewer than two documents, or one was rejected
   */
  static Optional<PairedGain> of(
      List<EvaluationTask> tasks, List<EvaluationTask> others, Evaluations evaluations) {
    Map<String, List<Double>> byDocument = new LinkedHashMap<>();
    int scored = 0;
    for (int i = 0; i < tasks.size(); i++) {
      DocumentScore one = evaluations.score(tasks.get(i));
      DocumentScore other = evaluations.score(others.get(i));
      if (one != null && other != null) {
        byDocument
            .computeIfAbsent(tasks.get(i).documentId(), document -> new ArrayList<>())
            .add(one.nll() / one.tokens() - other.nll() / other.tokens());
        scored++;
      }
    }
    int n = byDocument.size();
    if (n < 2 || scored < tasks.size()) {
      return Optional.empty();
    }
    List<Double> differences = byDocument.values().stream().map(PairedGain::mean).toList();
    double mean = mean(differences);
    double squares = differences.stream().mapToDouble(d -> (d - mean) * (d - mean)).sum();
    double quantile = new TDistribution(n - 1).inverseCumulativeProbability((1 + COVERED) / 2);
    return Optional.of(new PairedGain(mean, quantile * Math.sqrt(squares / (n - 1) / n), n));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(d -> d).average().orElseThrow();
  }

  private static double percent(double difference) {
    return 100 * -StrictMath.expm1(difference);
  }

  /** Returns words such as "1.6 % below yarn (95 % interval 0.9 to 2.3 %, 6 documents)". */
  String against(String name) {
    int side = difference > 0 ? -1 : 1;
    return String.format(
        Locale.ROOT,
        "%.1f %% %s %s (95 %% interval %.1f to %.1f %%, %s)",
        side * percent(difference),
        side > 0 ? "below" : "above",
        name,
        side * percent(difference + side * half),
        side * percent(difference - side * half),
        Numbers.counted(documents, "document"));
  }

  ObjectNode toJson(String name) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("against", name);
    json.put("perplexity_ratio", StrictMath.exp(difference));
    json.putArray("interval_95")
        .add(StrictMath.exp(difference - half))
        .add(StrictMath.exp(difference + half));
    json.put("documents", documents);
    return json;
  }
}
