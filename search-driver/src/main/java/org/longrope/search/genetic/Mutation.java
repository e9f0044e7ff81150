package org.longrope.search.genetic;

import java.util.List;
import java.util.random.RandomGenerator;
import org.longrope.search.Candidate;
import org.longrope.search.SearchSpace;

/**
 * Mutation of a candidate: each gene (every λ_i, and n̂) changes with the given probability,
 * independently of the others.
 *
 * <p>A selected factor takes another value of the grid, uniformly between the values of its
 * neighbours (at the ends, the bounds of the space); it stays if there is no other value. Each
 * mutant is therefore monotone by construction. Genes are visited in random order, because a
 * changed gene restricts its neighbours: with a fixed order one end would drift more than the
 * other. n̂ takes one of the other allowed numbers, uniformly.
 *
 * @param probability 0 &lt; p ≤ 1
 */
record Mutation(double probability) {
  Mutation {
    if (!(probability > 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "Cannot mutate with probability " + probability + ": expected above 0 and at most 1");
    }
  }

  Candidate mutate(Candidate parent, SearchSpace space, RandomGenerator random) {
    if (!space.contains(parent)) {
      throw new IllegalArgumentException("Cannot mutate outside the search space: " + parent);
    }
    int[] hundredths = parent.hundredths();
    int startTokens = parent.startTokens();
    for (int gene : shuffled(hundredths.length + 1, random)) {
      if (!(random.nextDouble() < probability)) {
        continue;
      }
      if (gene == hundredths.length) {
        startTokens = otherStartTokens(startTokens, space.startTokens(), random);
      } else {
        int low = gene == 0 ? space.lower() : hundredths[gene - 1];
        int high = gene == hundredths.length - 1 ? space.upper() : hundredths[gene + 1];
        hundredths[gene] = otherValue(hundredths[gene], low, high, random);
      }
    }
    return Candidate.of(hundredths, startTokens);
  }

  /** Draws uniformly from low … high without the present value, which lies between them. */
  private static int otherValue(int present, int low, int high, RandomGenerator random) {
    if (low == high) {
      return present;
    }
    int drawn = low + random.nextInt(high - low);
    return drawn < present ? drawn : drawn + 1;
  }

  private static int otherStartTokens(int present, List<Integer> allowed, RandomGenerator random) {
    return allowed.get(otherValue(allowed.indexOf(present), 0, allowed.size() - 1, random));
  }

  /** Returns the numbers 0 … n−1 in a uniformly random order (Fisher and Yates). */
  private static int[] shuffled(int n, RandomGenerator random) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
