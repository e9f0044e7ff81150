package org.longrope.search.genetic;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.longrope.search.Candidate;
import org.longrope.search.Randomness;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchSpace;

/**
 * Source of the candidates of Algorithm 1 (arXiv 2402.13753): the seeds, mutants of them, then
 * mutants and crossovers of the survivors.
 *
 * <ul>
 *   <li>No candidate is made twice. One that equals an earlier candidate is drawn again, parents
 *       included, at most 100 times, and then left out. Equal seeds are replaced by mutants.
 *   <li>With fewer than two survivors crossovers become mutants. Without survivors, offspring are
 *       mutants of the seeds.
 *   <li>All randomness derives from the seed and the slot of the offspring ({@link Randomness}).
 * </ul>
 */
final class Breeding {
  private static final int REDRAWS = 100;

  private final GeneticConfig parameters;
  private final SearchSpace space;
  private final Mutation mutation;
  private final List<Candidate> seeds;
  private final Set<Candidate> made = new HashSet<>();

  /**
   * Prepares the operators of a search.
   *
   * @param seeds candidates of the space to begin with
   * @throws IllegalArgumentException if the configuration has {@link GeneticConfig#problems}
   */
  Breeding(GeneticConfig parameters, SearchSpace space, List<Candidate> seeds) {
    List<String> problems = parameters.problems();
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("Cannot search: " + String.join(" ", problems));
    }
    this.parameters = parameters;
    this.space = space;
    this.mutation = new Mutation(parameters.mutationProbability());
    // The search of the paper does not change the attention factor.
    this.seeds =
        seeds.stream()
            .map(seed -> seed.onGrid(space))
            .map(seed -> Candidate.of(seed.hundredths(), seed.startTokens()))
            .distinct()
            .toList();
  }

  /** Returns the slots of a generation: P in the first, N1 + N2 in the others. */
  int slots(int generation) {
    return generation == 0
        ? parameters.population()
        : parameters.mutations() + parameters.crossovers();
  }

  /**
   * Returns the candidate of a slot; empty if every draw equals an earlier candidate.
   *
   * @param survivors to breed from, best first; not used in generation 0
   */
  Optional<Candidate> at(int generation, int slot, List<ScoredCandidate> survivors) {
    if (generation == 0) {
      return slot < seeds.size()
          ? Optional.of(seeds.get(slot)).filter(made::add)
          : draw(generation, slot, random -> mutant(seeds, random));
    }
    List<Candidate> parents =
        survivors.isEmpty() ? seeds : survivors.stream().map(ScoredCandidate::candidate).toList();
    boolean crossed = survivors.size() >= 2 && slot >= parameters.mutations();
    return draw(
        generation, slot, random -> crossed ? cross(parents, random) : mutant(parents, random));
  }

  private Optional<Candidate> draw(
      int generation, int slot, Function<RandomGenerator, Candidate> recipe) {
    for (int attempt = 0; attempt <= REDRAWS; attempt++) {
      Candidate drawn = recipe.apply(Randomness.at(parameters.seed(), generation, slot, attempt));
      if (made.add(drawn)) {
        return Optional.of(drawn);
      }
    }
    return Optional.empty();
  }

  private Candidate mutant(List<Candidate> parents, RandomGenerator random) {
    return mutation.mutate(parents.get(random.nextInt(parents.size())), space, random);
  }

  private Candidate cross(List<Candidate> parents, RandomGenerator random) {
    int one = random.nextInt(parents.size());
    int other = random.nextInt(parents.size() - 1);
    return Crossover.cross(
        parents.get(one), parents.get(other < one ? other : other + 1), space, random);
  }
}
