package org.longrope.eval.perplexity;

import java.io.Serializable;
import java.util.Collection;

/**
 * Score of one document under one rescaling.
 *
 * @param documentId within its partition
 * @param nll Σ NLL of the scored tokens, nats, summed in float64
 * @param tokens number of scored tokens
 * @param seconds wall time
 */
public record DocumentScore(String documentId, double nll, long tokens, double seconds)
    implements Serializable {
  /** Returns exp(Σ NLL / Σ tokens) over all documents, weighted by token: not the mean of means. */
  public static double perplexity(Collection<DocumentScore> scores) {
    double nll = 0;
    long tokens = 0;
    for (DocumentScore score : scores) {
      nll += score.nll();
      tokens += score.tokens();
    }
    return StrictMath.exp(nll / tokens);
  }
}
