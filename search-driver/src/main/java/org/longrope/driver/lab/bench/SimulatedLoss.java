package org.longrope.driver.lab.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.NllGradient;
import org.longrope.eval.rope.Rescaling;

/**
 * Loss of simulated evaluations: a smooth valley over the logarithms of the factors, the attention
 * factor and the start tokens, whose floor is a little elsewhere for each document.
 */
final class SimulatedLoss {
  private static final double FLOOR = 2;
  private static final double GREATEST_FACTOR = 8;
  private static final double ATTENTION = 1.06;
  private static final double ATTENTION_WEIGHT = 20;
  private static final double START_TOKENS = 8;
  private static final double START_TOKENS_WEIGHT = 0.02;

  /** Greatest difference of a document's best log λ to that of all. */
  private static final double LEAN = 0.025;

  private SimulatedLoss() {}

  /** Returns the score of a task, with its gradient if it asks for that. */
  static DocumentScore score(EvaluationTask task, double seconds) {
    long tokens = task.protocol().length() - 1;
    return new DocumentScore(
        task.documentId(),
        of(task) * tokens,
        tokens,
        seconds,
        task.gradient() ? gradient(task, tokens) : null);
  }

  private static NllGradient gradient(EvaluationTask task, long tokens) {
    double[] lambda = task.rescaling().factors().toArray();
    double[] lean = lean(task.documentId(), lambda.length);
    List<Double> byLogFactors = new ArrayList<>();
    for (int i = 0; i < lambda.length; i++) {
      byLogFactors.add(2 * off(lambda, lean, i) / lambda.length * tokens);
    }
    double attention = Math.log(task.rescaling().attentionFactor() / ATTENTION);
    return new NllGradient(byLogFactors, 2 * ATTENTION_WEIGHT * attention * tokens);
  }

  private static double off(double[] lambda, double[] lean, int pair) {
    double best = 1 + (GREATEST_FACTOR - 1) * Math.pow((pair + 1.0) / lambda.length, 3);
    return Math.log(lambda[pair] / best) - lean[pair];
  }

  /** Returns the mean loss of a token of a document, in nats. */
  static double of(EvaluationTask task) {
    Rescaling rescaling = task.rescaling();
    double[] lambda = rescaling.factors().toArray();
    double[] lean = lean(task.documentId(), lambda.length);
    double attention = Math.log(rescaling.attentionFactor() / ATTENTION);
    double startTokens = Math.log1p(rescaling.startTokens()) - Math.log1p(START_TOKENS);
    double loss =
        FLOOR
            + ATTENTION_WEIGHT * attention * attention
            + START_TOKENS_WEIGHT * Math.abs(startTokens);
    for (int i = 0; i < lambda.length; i++) {
      double off = off(lambda, lean, i);
      loss += off * off / lambda.length;
    }
    return loss;
  }

  private static double[] lean(String document, int pairs) {
    Random own = new Random(document.hashCode());
    return own.doubles(pairs, -LEAN, LEAN).toArray();
  }
}
