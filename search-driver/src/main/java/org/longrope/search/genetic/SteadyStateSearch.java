package org.longrope.search.genetic;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.longrope.search.Candidate;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Survivors;

/**
 * The evolution of Algorithm 1 (arXiv 2402.13753) without its barrier: the offspring of a place is
 * bred when it is asked for, from the top k of what was told by then, so that no evaluator waits
 * for the slowest of a generation.
 *
 * <p>The same places in the same order as {@link GenerationalSearch}: P of the first population,
 * then T rounds of N1 mutants and N2 crossovers. A generation is complete when as many answers have
 * come as it has candidates, whichever they are. Which answers a proposal had seen depends on how
 * fast evaluators were; told the same answers between the same questions, it proposes the same.
 */
public final class SteadyStateSearch implements SearchStrategy {
  private final GeneticConfig parameters;
  private final Breeding breeding;
  private final Survivors survivors;
  private final Set<Candidate> outstanding = new HashSet<>();
  private final List<GenerationStats> generations = new ArrayList<>();
  private final List<Outcome> round = new ArrayList<>();

  private int generation;
  private int slot;
  private int told;

  SteadyStateSearch(GeneticConfig parameters, SearchSpace space, List<Candidate> seeds) {
    this.parameters = parameters;
    breeding = new Breeding(parameters, space, seeds);
    survivors = new Survivors(parameters.parents());
  }

  @Override
  public Optional<Proposal> ask() {
    int firstGeneration = generation;
    int firstSlot = slot;
    while (!allProposed()) {
      Optional<Proposal> proposal = place();
      if (proposal.isPresent()) {
        outstanding.add(proposal.get().candidate());
        return proposal;
      }
    }
    if (!outstanding.isEmpty()) {
      // Nothing new for any place that is left, but there may be after the answers that are due: a
      // question without a proposal leaves no trace.
      generation = firstGeneration;
      slot = firstSlot;
    }
    completeLast();
    return Optional.empty();
  }

  /** Breeds for the next place; empty if all draws had been made before. */
  private Optional<Proposal> place() {
    int here = generation;
    Optional<Candidate> candidate = breeding.at(here, slot, survivors.ranked());
    slot++;
    while (slot == breeding.slots(generation) && !allProposed()) {
      generation++;
      slot = 0;
    }
    return candidate.map(bred -> Proposal.whole(here, bred));
  }

  private boolean allProposed() {
    return generation > parameters.iterations();
  }

  @Override
  public void tell(Candidate candidate, Outcome outcome) {
    if (!outstanding.remove(candidate)) {
      throw new IllegalArgumentException(
          "Cannot take an outcome of " + candidate + ": expected one that was proposed, once");
    }
    survivors.add(candidate, outcome);
    round.add(outcome);
    told++;
    if (round.size() == breeding.slots(generations.size())) {
      complete();
    }
    completeLast();
  }

  /** The last generation lacks the places for which nothing new could be bred. */
  private void completeLast() {
    if (finished() && !round.isEmpty()) {
      complete();
    }
  }

  private void complete() {
    generations.add(GenerationStats.of(generations.size(), round, told));
    round.clear();
  }

  @Override
  public boolean finished() {
    return allProposed() && outstanding.isEmpty();
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
