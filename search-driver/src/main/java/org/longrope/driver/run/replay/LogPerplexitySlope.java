package org.longrope.driver.run.replay;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Outcome;

/** Sums of documents of one length, whose quotient is the slope of their ln perplexity. */
final class LogPerplexitySlope {
  private final double[] byLogFactors;
  private double byLogAttention;
  private final double[] byQueryScales;
  private long tokens;

  LogPerplexitySlope(Rescaling rescaling) {
    byLogFactors = new double[rescaling.factors().pairs()];
    byQueryScales = new double[rescaling.queryScales().size()];
  }

  void add(DocumentScore score, NllGradient gradient) {
    List<Double> values = gradient.byLogFactors();
    for (int i = 0; i < byLogFactors.length; i++) {
      byLogFactors[i] += values.get(i);
    }
    byLogAttention += gradient.byLogAttention();
    for (int i = 0; i < byQueryScales.length; i++) {
      byQueryScales[i] += gradient.byQueryScales().get(i);
    }
    tokens += score.tokens();
  }

  /** Returns the slope of the geometric mean of the perplexities of several lengths. */
  static Outcome.Gradient mean(Collection<LogPerplexitySlope> lengths, double perplexity) {
    LogPerplexitySlope first = lengths.iterator().next();
    double[] byLogFactors = new double[first.byLogFactors.length];
    double[] byQueryScales = new double[first.byQueryScales.length];
    double byLogAttention = 0;
    for (LogPerplexitySlope one : lengths) {
      double weight = 1.0 / ((double) one.tokens * lengths.size());
      for (int i = 0; i < byLogFactors.length; i++) {
        byLogFactors[i] += weight * one.byLogFactors[i];
      }
      byLogAttention += weight * one.byLogAttention;
      for (int i = 0; i < byQueryScales.length; i++) {
        byQueryScales[i] += weight * one.byQueryScales[i];
      }
    }
    return new Outcome.Gradient(
        perplexity, list(byLogFactors), byLogAttention, list(byQueryScales));
  }

  private static List<Double> list(double[] values) {
    return Arrays.stream(values).boxed().toList();
  }
}
