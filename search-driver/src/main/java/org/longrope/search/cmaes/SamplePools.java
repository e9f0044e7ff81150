package org.longrope.search.cmaes;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;

/**
 * Outcomes of samples that the distribution learns from, in a pool for each document: candidates
 * are compared on the same document. The distribution learns from a pool as soon as it has as many
 * samples as a generation, whichever distributions proposed them. The best quarter stays in the
 * pool and is compared with the next samples.
 */
final class SamplePools {
  private static final int KEPT = 4;

  private record Told(Candidate candidate, double[] point, double perplexity) {}

  private final int generation;
  private final Map<List<Integer>, List<Told>> pools = new LinkedHashMap<>();

  /**
   * Makes empty pools.
   *
   * @param generation samples of a generation, 4 or more
   */
  SamplePools(int generation) {
    this.generation = generation;
  }

  /**
   * Adds a sample.
   *
   * @param documents that it was scored on
   * @param point in the coordinates of the present distribution
   */
  void add(List<Integer> documents, Candidate candidate, double[] point, Outcome outcome) {
    double perplexity =
        outcome instanceof Outcome.Fitness fitness
            ? fitness.perplexity()
            : Double.POSITIVE_INFINITY;
    pools
        .computeIfAbsent(documents, key -> new ArrayList<>())
        .add(new Told(candidate, point, perplexity));
  }

  /** Replaces the coordinates of all samples by those of another distribution. */
  void moveTo(Distribution other) {
    for (List<Told> pool : pools.values()) {
      pool.replaceAll(
          told -> new Told(told.candidate, other.point(told.candidate), told.perplexity));
    }
  }

  /** Lets a distribution learn once from a full pool; returns false if there is none. */
  boolean teach(Distribution present) {
    for (List<Told> pool : pools.values()) {
      if (pool.size() >= generation) {
        List<Told> first = pool.subList(0, generation);
        List<Told> ranked =
            first.stream().sorted(Comparator.comparingDouble(Told::perplexity)).toList();
        first.clear();
        pool.addAll(0, ranked.subList(0, generation / KEPT));
        present.learnPoints(ranked.stream().map(Told::point).toList());
        return true;
      }
    }
    return false;
  }
}
