package org.longrope.search;

import java.util.List;
import java.util.stream.IntStream;

/** Outcome of scoring a candidate: a fitness, a fitness with its gradient, or a rejection. */
public sealed interface Outcome {
  /**
   * Returns the outcome of a measured perplexity: a fitness, or a rejection if it is not positive
   * and finite.
   */
  static Outcome of(double perplexity) {
    return Fitness.isValid(perplexity)
        ? new Fitness(perplexity)
        : new Rejection("perplexity is " + perplexity);
  }

  /**
   * Fitness of a candidate that was scored.
   *
   * @param perplexity positive and finite; less is better
   */
  record Fitness(double perplexity) implements Outcome {
    /**
     * Checks that the value is a number.
     *
     * @throws IllegalArgumentException if the perplexity is not positive and finite
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
   * Perplexity of a candidate with its slope, on the documents of the proposal as they are.
   *
   * @param perplexity positive and finite
   * @param byLogFactors derivative of ln perplexity by log λ_i for i = 0 … d/2−1
   * @param byLogAttention derivative of ln perplexity by the logarithm of the attention factor
   * @param byQueryScales derivative of ln perplexity by ψ of each query scale; empty without them
   */
  record Gradient(
      double perplexity,
      List<Double> byLogFactors,
      double byLogAttention,
      List<Double> byQueryScales)
      implements Outcome {
    public Gradient {
      byLogFactors = List.copyOf(byLogFactors);
      byQueryScales = List.copyOf(byQueryScales);
    }

    /**
     * Returns this slope and that of another term by the query scales.
     *
     * @param weight of the term
     */
    public Gradient plus(double weight, List<Double> other) {
      List<Double> sums =
          IntStream.range(0, other.size())
              .mapToObj(i -> byQueryScales.get(i) + weight * other.get(i))
              .toList();
      return new Gradient(perplexity, byLogFactors, byLogAttention, sums);
    }
  }

  /**
   * Rejection of a candidate that cannot be scored: it is never ranked and never a parent.
   *
   * @param reason one sentence for the journal
   */
  record Rejection(String reason) implements Outcome {}
}
