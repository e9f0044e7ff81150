package org.longrope.search;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.longrope.eval.rope.RopeMethod;

/**
 * The evolution of Algorithm 1 (arXiv 2402.13753), a generation at a time.
 *
 * <pre>
 *   population ← {PI, NTK, YaRN} ∪ (P − 3) mutants of them
 *   T times: score; keep the top k; + N1 mutants of parents drawn from the top k;
 *            + N2 crossovers of pairs of them
 *   result: the best ever seen
 * </pre>
 *
 * The offspring of the last round are scored too: P + T·(N1 + N2) evaluations.
 *
 * <ul>
 *   <li>Duplicates are never asked for: an offspring equal to any candidate asked before is drawn
 *       anew, parents included, at most 100 times, and then left out. A generation that is left
 *       with none counts as one and is passed over. Seeds that coincide make room for mutants.
 *   <li>Rejected candidates are never ranked nor parents. With fewer than two survivors crossovers
 *       become mutants; with none, offspring are mutants of the seeds, in the hope of one that can
 *       be scored.
 *   <li>All randomness derives from the seed and the offspring's place ({@link Randomness}), so the
 *       course depends on nothing but the parameters, the space and the outcomes.
 * </ul>
 */
public final class GenerationalSearch implements SearchStrategy {
  private static final int REDRAWS = 100;

  private final SearchParameters parameters;
  private final SearchSpace space;
  private final Mutation mutation;
  private final List<Candidate> seeds;
  private final Set<Candidate> asked = new HashSet<>();

  private int generation;
  private List<Candidate> pending;

  /** The top k, best first. As they outlive generations, the first is the best ever. */
  private List<Scored> survivors = List.of();

  private Optional<GenerationStats> lastGeneration = Optional.empty();

  /**
   * @throws IllegalArgumentException if the parameters have {@link SearchParameters#problems}
   */
  public GenerationalSearch(SearchParameters parameters, SearchSpace space) {
    List<String> problems = parameters.problems();
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("Cannot search: " + String.join(" ", problems));
    }
    this.parameters = parameters;
    this.space = space;
    this.mutation = new Mutation(parameters.mutationProbability());
    this.seeds = seeds(space);
    this.pending = firstPopulation();
  }

  /** PI, NTK and YaRN on the grid without start tokens; those that coincide once. */
  static List<Candidate> seeds(SearchSpace space) {
    int target = space.targetLength();
    return Stream.of(RopeMethod.PI, RopeMethod.NTK, RopeMethod.YARN)
        .map(method -> method.factors(space.rope(), target, target))
        .map(factors -> Candidate.nearest(factors, 0, space))
        .distinct()
        .toList();
  }

  @Override
  public List<Candidate> ask() {
    return pending;
  }

  @Override
  public void tell(Map<Candidate, Outcome> outcomes) {
    if (!outcomes.keySet().equals(Set.copyOf(pending))) {
      throw new IllegalArgumentException(
          "Cannot take %d outcomes: expected exactly those of the %d candidates asked for"
              .formatted(outcomes.size(), pending.size()));
    }
    if (finished()) {
      return;
    }
    lastGeneration = Optional.of(GenerationStats.of(generation, outcomes.values(), asked.size()));
    survivors =
        Stream.concat(survivors.stream(), outcomes.entrySet().stream().flatMap(this::scored))
            .sorted()
            .limit(parameters.parents())
            .toList();
    do {
      pending = generation < parameters.iterations() ? offspring(++generation) : List.of();
    } while (pending.isEmpty() && generation < parameters.iterations());
  }

  @Override
  public boolean finished() {
    return pending.isEmpty();
  }

  @Override
  public Optional<Scored> best() {
    return survivors.stream().findFirst();
  }

  @Override
  public int generation() {
    return generation;
  }

  @Override
  public Optional<GenerationStats> lastGeneration() {
    return lastGeneration;
  }

  private Stream<Scored> scored(Map.Entry<Candidate, Outcome> entry) {
    return entry.getValue() instanceof Outcome.Fitness fitness
        ? Stream.of(new Scored(entry.getKey(), fitness.perplexity()))
        : Stream.empty();
  }

  private List<Candidate> firstPopulation() {
    List<Candidate> population = new ArrayList<>(seeds);
    asked.addAll(seeds);
    for (int slot = seeds.size(); slot < parameters.population(); slot++) {
      breed(0, slot, random -> mutant(seeds, random)).ifPresent(population::add);
    }
    return List.copyOf(population);
  }

  private List<Candidate> offspring(int generation) {
    List<Candidate> parents =
        survivors.isEmpty() ? seeds : survivors.stream().map(Scored::candidate).toList();
    boolean pairs = survivors.size() >= 2;
    List<Candidate> offspring = new ArrayList<>();
    for (int slot = 0; slot < parameters.mutations() + parameters.crossovers(); slot++) {
      boolean crossed = pairs && slot >= parameters.mutations();
      breed(generation, slot, random -> crossed ? cross(parents, random) : mutant(parents, random))
          .ifPresent(offspring::add);
    }
    return List.copyOf(offspring);
  }

  /** An offspring never asked for before, or none if all draws were. */
  private Optional<Candidate> breed(
      int generation, int slot, Function<RandomGenerator, Candidate> recipe) {
    for (int attempt = 0; attempt <= REDRAWS; attempt++) {
      Candidate drawn = recipe.apply(Randomness.at(parameters.seed(), generation, slot, attempt));
      if (asked.add(drawn)) {
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
