package org.longrope.driver.run.replay;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.search.Outcome;

/** Sums of documents of one length, whose quotient is the slope of their ln perplexity. */
final class LogPerplexitySlope {
  private final double[] byLogFactors;
  private double byLogAttention;
  private long tokens;

  LogPerplexitySlope(int pairs) {
    byLogFactors = new double[pairs];
  }

  void add(DocumentScore score, NllGradient gradient) {
    List<Double> values = gradient.byLogFactors();
    for (int i = 0; i < byLogFactors.length; i++) {
      byLogFactors[i] += values.get(i);
    }
    byLogAttention += gradient.byLogAttention();
    tokens += score.tokens();
  }

  /** Returns the slope of the geometric mean of the perplexities of several lengths. */
  static Outcome.Gradient mean(Collection<LogPerplexitySlope> lengths, double perplexity) {
    double[] byLogFactors = new double[lengths.iterator().next().byLogFactors.length];
    double byLogAttention = 0;
    for (LogPerplexitySlope one : lengths) {
      double weight = 1.0 / ((double) one.tokens * lengths.size());
      for (int i = 0; i < byLogFactors.length; i++) {
        byLogFactors[i] += weight * one.byLogFactors[i];
      }
      byLogAttention += weight * one.byLogAttention;
    }
    return new Outcome.Gradient(
        perplexity, Arrays.stream(byLogFactors).boxed().toList(), byLogAttention);
  }
}
