package org.longrope.search;

import java.util.Arrays;
import java.util.Collection;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;

/**
 * Statistics of one generation.
 *
 * @param generation 0 for the first population
 * @param evaluations candidates of this generation with an outcome, rejected ones included
 * @param rejected number of rejected candidates
 * @param best least perplexity of the candidates scored on all documents; empty if there is none
 * @param median median perplexity of this generation; empty if all were rejected
 * @param totalEvaluations outcomes up to and with this generation
 */
public record GenerationStats(
    int generation,
    int evaluations,
    int rejected,
    OptionalDouble best,
    OptionalDouble median,
    int totalEvaluations) {

  /** Computes the statistics of candidates that were all scored on all documents. */
  public static GenerationStats of(
      int generation, Collection<Outcome> outcomes, int totalEvaluations) {
    return of(generation, outcomes, outcomes, totalEvaluations);
  }

  /**
   * Computes the statistics of a generation.
   *
   * @param outcomes of its candidates, in any order
   * @param onAll outcomes of the candidates that were scored on all documents
   */
  public static GenerationStats of(
      int generation,
      Collection<Outcome> outcomes,
      Collection<Outcome> onAll,
      int totalEvaluations) {
    double[] sorted = perplexities(outcomes).sorted().toArray();
    int n = sorted.length;
    return new GenerationStats(
        generation,
        outcomes.size(),
        (int) outcomes.stream().filter(Outcome.Rejection.class::isInstance).count(),
        perplexities(onAll).min(),
        Arrays.stream(sorted).skip((n - 1) / 2).limit(2 - n % 2).average(),
        totalEvaluations);
  }

  private static DoubleStream perplexities(Collection<Outcome> outcomes) {
    return outcomes.stream()
        .filter(Outcome.Fitness.class::isInstance)
        .mapToDouble(outcome -> ((Outcome.Fitness) outcome).perplexity());
  }
}
