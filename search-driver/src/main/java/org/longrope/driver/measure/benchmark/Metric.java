package org.longrope.driver.measure.benchmark;

import java.util.Locale;
import org.longrope.eval.choices.PythonText;

/**
 * Score of a question, 0 to 1, from the log-likelihoods of its choices; of equal choices the first
 * is chosen. Defined as in lm_eval/base.py and lm_eval/tasks/truthfulqa.py of EleutherAI's
 * lm-evaluation-harness.
 */
enum Metric {
  /** Scores 1 if the likeliest choice is right. */
  ACC,

  /** Scores by log-likelihood over the number of characters, without the space before them. */
  ACC_NORM,

  /** Scores p(true choices) / p(all choices). */
  MC2;

  /** Returns the index of the choice that the model takes. */
  int chosen(Item item, double[] logLikelihoods) {
    int best = 0;
    for (int c = 1; c < logLikelihoods.length; c++) {
      if (score(item, logLikelihoods, c) > score(item, logLikelihoods, best)) {
        best = c;
      }
    }
    return best;
  }

  private double score(Item item, double[] logLikelihoods, int choice) {
    return this == ACC_NORM
        ? logLikelihoods[choice] / PythonText.length(item.choices().get(choice))
        : logLikelihoods[choice];
  }

  double value(Item item, double[] logLikelihoods) {
    int chosen = chosen(item, logLikelihoods);
    if (this != MC2) {
      return item.right().get(chosen) ? 1 : 0;
    }
    double all = 0;
    double right = 0;
    for (int c = 0; c < logLikelihoods.length; c++) {
      // Relative to the likeliest one, because the probabilities of long answers underflow to 0.
      double probability = Math.exp(logLikelihoods[c] - logLikelihoods[chosen]);
      all += probability;
      right += item.right().get(c) ? probability : 0;
    }
    return right / all;
  }

  /** Returns the name in results: acc, acc_norm or mc2. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
