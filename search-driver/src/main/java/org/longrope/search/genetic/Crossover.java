package org.longrope.search.genetic;

import java.util.random.RandomGenerator;
import org.longrope.search.Candidate;
import org.longrope.search.MonotoneRepair;
import org.longrope.search.SearchSpace;

/**
 * Crossover of two candidates: each gene (every λ_i, and n̂) comes from either parent with equal
 * probability. Factors that then descend are replaced by the nearest monotone vector ({@link
 * MonotoneRepair}).
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
