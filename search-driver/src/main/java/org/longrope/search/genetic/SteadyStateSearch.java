package org.longrope.search.genetic;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.longrope.search.Candidate;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.OutcomeRounds;
import org.longrope.search.Proposal;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Survivors;

/**
 * Evolution by Algorithm 1 (arXiv 2402.13753) without a barrier between generations: the offspring
 * of a slot is bred when it is asked for, from the best k so far, so that no executor waits for the
 * slowest candidate of a generation.
 *
 * <p>Slots have the order of {@link GenerationalSearch}: P of the first population, then T rounds
 * of N1 mutants and N2 crossovers. A generation is complete after as many outcomes as it has
 * candidates, whichever they are. The outcomes that a proposal depends on follow from the speed of
 * the executors; equal calls in equal order give equal proposals.
 */
public final class SteadyStateSearch implements SearchStrategy {
  private final GeneticConfig parameters;
  private final Breeding breeding;
  private final Survivors survivors;
  private final Set<Candidate> outstanding = new HashSet<>();
  private final OutcomeRounds rounds;

  private int generation;
  private int slot;

  SteadyStateSearch(GeneticConfig parameters, SearchSpace space, List<Candidate> seeds) {
    this.parameters = parameters;
    breeding = new Breeding(parameters, space, seeds);
    rounds = new OutcomeRounds(breeding::slots);
    survivors = new Survivors(parameters.parents());
  }

  @Override
  public Optional<Proposal> ask() {
    int firstGeneration = generation;
    int firstSlot = slot;
    while (!allProposed()) {
      Optional<Proposal> proposal = next();
      if (proposal.isPresent()) {
        outstanding.add(proposal.get().candidate());
        return proposal;
      }
    }
    if (!outstanding.isEmpty()) {
      // No open slot has a new candidate now, but one may after the next outcomes: a call without a
      // proposal leaves the state unchanged.
      generation = firstGeneration;
      slot = firstSlot;
    }
    completeLast();
    return Optional.empty();
  }

  /** Breeds for the next slot; empty if every draw equals an earlier candidate. */
  private Optional<Proposal> next() {
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
    rounds.add(outcome, true);
    completeLast();
  }

  /** Completes the last generation, in which slots without a new candidate are missing. */
  private void completeLast() {
    if (finished()) {
      rounds.close();
    }
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
    return rounds.complete();
  }
}
