package org.longrope.search.genetic;

import java.util.random.RandomGenerator;
import org.longrope.search.Candidate;
import org.longrope.search.MonotoneRepair;
import org.longrope.search.SearchSpace;

/**
 * Takes each gene (every λ_i, and n̂) from either parent with equal chance. Where the factors then
 * fall, they become the nearest monotone vector ({@link MonotoneRepair}); where they don't, every
 * gene is one parent's own.
 */
final class Crossover {
  private Crossover() {}

  static Candidate cross(
      Candidate one, Candidate other, SearchSpace space, RandomGenerator random) {
    double[] picked = new double[one.pairs()];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = (random.nextBoolean() ? one : other).hundredths(i);
    }
    int startTokens = (random.nextBoolean() ? one : other).startTokens();
    return Candidate.of(MonotoneRepair.nearest(picked, space.lower(), space.upper()), startTokens);
  }
}
