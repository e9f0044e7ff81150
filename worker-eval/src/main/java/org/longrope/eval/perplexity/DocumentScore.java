package org.longrope.eval.perplexity;

import java.io.Serializable;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Score of one document under one rescaling.
 *
 * @param documentId within its partition
 * @param nll Σ NLL of the scored tokens, nats, summed in float64
 * @param tokens number of scored tokens
 * @param seconds wall time
 * @param gradient of Σ NLL by the rescaling; null where it was not computed
 */
public record DocumentScore(
    String documentId, double nll, long tokens, double seconds, @Nullable NllGradient gradient)
    implements Serializable {
  /** Makes a score without a gradient. */
  public DocumentScore(String documentId, double nll, long tokens, double seconds) {
    this(documentId, nll, tokens, seconds, null);
  }

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
