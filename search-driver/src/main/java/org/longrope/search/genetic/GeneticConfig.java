package org.longrope.search.genetic;

import java.util.ArrayList;
import java.util.List;
import org.longrope.search.Candidate;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.StrategyConfig;
import org.longrope.search.Surrogate;

/**
 * The parameters of Algorithm 1 (arXiv 2402.13753), apart from those of its execution. Any values
 * can be held, so that a configuration can report everything that is wrong with it at once: see
 * {@link #problems}.
 *
 * @param population P, candidates of the first population, at least the four seeds
 * @param parents k, the best that survive a generation and breed, 2 … P
 * @param mutations N1, mutants a generation
 * @param crossovers N2, crossovers a generation
 * @param iterations T, generations of offspring after the first population
 * @param mutationProbability the chance of each gene to change, 0 &lt; p ≤ 1
 * @param seed of all random choices
 */
public record GeneticConfig(
    int population,
    int parents,
    int mutations,
    int crossovers,
    int iterations,
    double mutationProbability,
    long seed)
    implements StrategyConfig {

  /** Those of the paper for targets up to 256k tokens (arXiv 2402.13753, section 4.1). */
  public static GeneticConfig defaults() {
    return new GeneticConfig(64, 32, 16, 16, 40, 0.3, 42);
  }

  /** Candidates of a whole search, P + T·(N1 + N2); fewer where the space runs out of new ones. */
  public long evaluations() {
    return population + (long) iterations * ((long) mutations + crossovers);
  }

  @Override
  public int generations(int documents) {
    return iterations;
  }

  @Override
  public long documentsScored(int documents) {
    return evaluations() * documents;
  }

  @Override
  public SearchStrategy strategy(
      SearchMode mode,
      SearchSpace space,
      List<Candidate> seeds,
      int documents,
      Surrogate surrogate) {
    return mode == SearchMode.GENERATIONAL
        ? new GenerationalSearch(this, space, seeds)
        : new SteadyStateSearch(this, space, seeds);
  }

  @Override
  public List<String> problems(SearchMode mode, int documents) {
    return problems();
  }

  /** Each violated condition as a sentence; empty if the parameters can be used. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    require(population >= 4, problems, "population", population, "4 or more, for the four seeds");
    require(parents >= 2, problems, "parents", parents, "2 or more, so that there is a pair");
    require(
        parents <= population, problems, "parents", parents, "at most population, " + population);
    require(mutations >= 0, problems, "mutations", mutations, "0 or more");
    require(crossovers >= 0, problems, "crossovers", crossovers, "0 or more");
    if (mutations == 0 && crossovers == 0) {
      problems.add("mutations and crossovers are both 0: expected at least one of them above 0.");
    }
    require(iterations >= 0, problems, "iterations", iterations, "0 or more");
    require(
        mutationProbability > 0 && mutationProbability <= 1,
        problems,
        "mutation probability",
        mutationProbability,
        "above 0 and at most 1");
    return List.copyOf(problems);
  }

  private static void require(
      boolean holds, List<String> problems, String name, Number value, String expected) {
    if (!holds) {
      problems.add(name + " is " + value + ": expected " + expected + ".");
    }
  }
}
