package org.longrope.driver.lab.bench;

import java.util.Random;
import org.longrope.driver.execution.EvaluationTask;
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
      double best = 1 + (GREATEST_FACTOR - 1) * Math.pow((i + 1.0) / lambda.length, 3);
      double off = Math.log(lambda[i] / best) - lean[i];
      loss += off * off / lambda.length;
    }
    return loss;
  }

  private static double[] lean(String document, int pairs) {
    Random own = new Random(document.hashCode());
    return own.doubles(pairs, -LEAN, LEAN).toArray();
  }
}
