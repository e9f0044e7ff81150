package org.longrope.search.genetic;

import java.util.ArrayList;
import java.util.List;
import org.longrope.search.Candidate;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.StrategyConfig;
import org.longrope.search.Surrogate;
import org.longrope.search.settings.SettingValues;

/**
 * Configuration of Algorithm 1 (arXiv 2402.13753). It holds any values, so that all problems can be
 * reported at once: see {@link #problems}.
 *
 * @param population P, candidates of the first population, at least the four seeds
 * @param parents k, the best that survive a generation and breed, 2 … P
 * @param mutations N1, mutants a generation
 * @param crossovers N2, crossovers a generation
 * @param iterations T, generations of offspring after the first population
 * @param mutationProbability probability of each gene to change, 0 &lt; p ≤ 1
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

  private static final long SEED = 42;

  /** Returns the paper's values for targets up to 256k tokens (arXiv 2402.13753, section 4.1). */
  public static GeneticConfig defaults() {
    return GeneticSettings.DEFINITION
        .read()
        .apply(SettingValues.NONE.withDefaults(GeneticSettings.DEFINITION.settings()), SEED);
  }

  /**
   * Returns the candidates of a whole search, P + T·(N1 + N2); fewer where the space runs out of
   * new ones.
   */
  public long evaluations() {
    return population + (long) iterations * ((long) mutations + crossovers);
  }

  @Override
  public GeneticConfig withFixedAttention() {
    return this;
  }

  @Override
  public boolean usesReference() {
    return false;
  }

  @Override
  public int candidates(int number) {
    return number == 0 ? population : mutations + crossovers;
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

  /** Returns a sentence for each violated condition; empty if the values can be used. */
  public List<String> problems() {
    List<String> problems = new ArrayList<>(GeneticSettings.values(this).problems());
    if (parents > population) {
      problems.add("parents is " + parents + ": expected at most population, " + population + ".");
    }
    if (mutations == 0 && crossovers == 0) {
      problems.add("mutations and crossovers are both 0: expected at least one of them above 0.");
    }
    return List.copyOf(problems);
  }
}
