package org.longrope.search;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.rope.RescaleFactors;

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
 * The offspring of the last round are scored too: P + T·(N1 + N2) evaluations. A generation that is
 * left without new candidates counts as one and is passed over. The order of answers makes no
 * difference: parameters, space and outcomes alone decide the course.
 */
final class GenerationalSearch implements SearchStrategy {
  private final SearchParameters parameters;
  private final Breeding breeding;
  private final Survivors survivors;
  private final List<GenerationStats> generations = new ArrayList<>();

  private int generation;
  private int told;

  /** Of this generation, in their order; null until told. */
  private final Map<Candidate, @Nullable Outcome> outcomes = new LinkedHashMap<>();

  /** How many of them have been proposed. */
  private int proposed;

  GenerationalSearch(SearchParameters parameters, SearchSpace space, List<RescaleFactors> seeds) {
    this.parameters = parameters;
    breeding = new Breeding(parameters, space, seeds);
    survivors = new Survivors(parameters.parents());
    breed();
  }

  @Override
  public Optional<Proposal> ask() {
    Optional<Proposal> next =
        outcomes.keySet().stream()
            .skip(proposed)
            .findFirst()
            .map(candidate -> Proposal.whole(generation, candidate));
    next.ifPresent(proposal -> proposed++);
    return next;
  }

  @Override
  public void tell(Candidate candidate, Outcome outcome) {
    boolean asked = outcomes.keySet().stream().limit(proposed).anyMatch(candidate::equals);
    if (!asked || outcomes.get(candidate) != null) {
      throw new IllegalArgumentException(
          "Cannot take an outcome of " + candidate + ": expected one that was proposed, once");
    }
    outcomes.put(candidate, outcome);
    survivors.add(candidate, outcome);
    told++;
    if (!outcomes.containsValue(null)) {
      generations.add(GenerationStats.of(generation, outcomes.values(), told));
      outcomes.clear();
      proposed = 0;
      while (outcomes.isEmpty() && generation < parameters.iterations()) {
        generation++;
        breed();
      }
    }
  }

  private void breed() {
    for (int slot = 0; slot < breeding.slots(generation); slot++) {
      breeding
          .at(generation, slot, survivors.ranked())
          .ifPresent(candidate -> outcomes.put(candidate, null));
    }
  }

  @Override
  public boolean finished() {
    return outcomes.isEmpty();
  }

  @Override
  public Optional<Scored> best() {
    return survivors.best();
  }

  @Override
  public List<GenerationStats> generations() {
    return Collections.unmodifiableList(generations);
  }
}
