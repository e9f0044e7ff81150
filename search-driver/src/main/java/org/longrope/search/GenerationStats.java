package org.longrope.search;

import java.util.Arrays;
import java.util.Collection;
import java.util.OptionalDouble;

/**
 * What one generation brought.
 *
 * @param generation 0 for the first population
 * @param evaluations candidates scored in this generation, rejected ones included
 * @param rejected how many of them were rejected
 * @param best the least perplexity of this generation; empty if all were rejected
 * @param median the median perplexity of this generation; empty if all were rejected
 * @param totalEvaluations candidates scored so far, this generation included
 */
public record GenerationStats(
    int generation,
    int evaluations,
    int rejected,
    OptionalDouble best,
    OptionalDouble median,
    int totalEvaluations) {

  /** Of the outcomes of its candidates, in any order. */
  public static GenerationStats of(
      int generation, Collection<Outcome> outcomes, int totalEvaluations) {
    double[] sorted =
        outcomes.stream()
            .filter(Outcome.Fitness.class::isInstance)
            .mapToDouble(outcome -> ((Outcome.Fitness) outcome).perplexity())
            .sorted()
            .toArray();
    int n = sorted.length;
    return new GenerationStats(
        generation,
        outcomes.size(),
        outcomes.size() - n,
        Arrays.stream(sorted).findFirst(),
        Arrays.stream(sorted).skip((n - 1) / 2).limit(2 - n % 2).average(),
        totalEvaluations);
  }
}
