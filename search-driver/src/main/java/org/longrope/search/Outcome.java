package org.longrope.search;

/** What scoring a candidate came to. */
public sealed interface Outcome {
  /**
   * The outcome of a perplexity as it was measured: a fitness, or a rejection if it is no positive
   * finite number.
   */
  static Outcome of(double perplexity) {
    return Fitness.isValid(perplexity)
        ? new Fitness(perplexity)
        : new Rejection("perplexity is " + perplexity);
  }

  /**
   * The candidate was scored.
   *
   * @param perplexity positive and finite; less is better
   */
  record Fitness(double perplexity) implements Outcome {
    /**
     * @throws IllegalArgumentException if the perplexity is no positive finite number
     */
    public Fitness {
      if (!isValid(perplexity)) {
        throw new IllegalArgumentException(
            "Cannot rank by perplexity " + perplexity + ": expected a positive number");
      }
    }

    private static boolean isValid(double perplexity) {
      return perplexity > 0 && perplexity < Double.POSITIVE_INFINITY;
    }
  }

  /**
   * The candidate could not be scored: it is never ranked and never a parent.
   *
   * @param reason one sentence for the journal
   */
  record Rejection(String reason) implements Outcome {}
}
