package org.longrope.search.genetic;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.longrope.search.Candidate;
import org.longrope.search.Generation;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Survivors;

/**
 * Evolution by Algorithm 1 (arXiv 2402.13753), one generation at a time.
 *
 * <pre>
 *   population ← seeds ∪ mutants of them, P in all
 *   T times: score; keep the top k; + N1 mutants of parents drawn from the top k;
 *            + N2 crossovers of pairs of them
 *   result: the best ever seen
 * </pre>
 *
 * The paper's seeds are PI, NTK and YaRN. The offspring of the last round are scored too: P + T·(N1
 * + N2) candidates. A generation without new candidates counts and is skipped. The order of
 * outcomes makes no difference: configuration, space and outcomes alone decide the course.
 */
public final class GenerationalSearch implements SearchStrategy {
  private final GeneticConfig parameters;
  private final Breeding breeding;
  private final Survivors survivors;
  private final List<GenerationStats> generations = new ArrayList<>();

  private Generation generation = new Generation(0);
  private int outcomes;

  GenerationalSearch(GeneticConfig parameters, SearchSpace space, List<Candidate> seeds) {
    this.parameters = parameters;
    breeding = new Breeding(parameters, space, seeds);
    survivors = new Survivors(parameters.parents());
    breed();
  }

  @Override
  public Optional<Proposal> ask() {
    return generation.ask();
  }

  @Override
  public void tell(Candidate candidate, Outcome outcome) {
    generation.tell(candidate, outcome);
    survivors.add(candidate, outcome);
    outcomes++;
    if (generation.complete()) {
      generations.add(generation.stats(outcomes));
      do {
        generation = new Generation(generation.number() + 1);
        breed();
      } while (generation.isEmpty() && generation.number() < parameters.iterations());
    }
  }

  private void breed() {
    if (generation.number() <= parameters.iterations()) {
      for (int slot = 0; slot < breeding.slots(generation.number()); slot++) {
        breeding.at(generation.number(), slot, survivors.ranked()).ifPresent(generation::add);
      }
    }
  }

  @Override
  public boolean finished() {
    return generation.isEmpty();
  }

  @Override
  public Optional<ScoredCandidate> best() {
    return survivors.best();
  }

  @Override
  public List<GenerationStats> generations() {
    return Collections.unmodifiableList(generations);
  }
}
