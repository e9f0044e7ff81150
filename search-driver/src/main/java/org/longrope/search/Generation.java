package org.longrope.search;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Candidates of one generation: proposed in order, answered in any order. */
public final class Generation {
  private final int number;
  private final Map<Candidate, Proposal> proposals = new LinkedHashMap<>();
  private final Map<Candidate, Outcome> outcomes = new HashMap<>();
  private int proposed;

  /**
   * Begins a generation.
   *
   * @param number 0 for the first population
   */
  public Generation(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  /** Adds a candidate for all documents; one that was added for one document gets all of them. */
  public void add(Candidate candidate) {
    proposals.put(candidate, Proposal.whole(number, candidate));
  }

  /**
   * Adds a candidate for one document.
   *
   * @return false if the generation has the candidate already
   */
  public boolean add(Candidate candidate, int document) {
    return proposals.putIfAbsent(candidate, new Proposal(number, candidate, List.of(document)))
        == null;
  }

  public boolean isEmpty() {
    return proposals.isEmpty();
  }

  /** Returns the next proposal, as {@link SearchStrategy#ask} does. */
  public Optional<Proposal> ask() {
    Optional<Proposal> next = proposals.values().stream().skip(proposed).findFirst();
    next.ifPresent(proposal -> proposed++);
    return next;
  }

  /** Records an outcome, as {@link SearchStrategy#tell} does. */
  public void tell(Candidate candidate, Outcome outcome) {
    boolean proposedBefore =
        proposals.keySet().stream().limit(proposed).anyMatch(candidate::equals);
    if (!proposedBefore || outcomes.putIfAbsent(candidate, outcome) != null) {
      throw new IllegalArgumentException(
          "Cannot take an outcome of " + candidate + ": expected one that was proposed, once");
    }
  }

  /** Returns whether all candidates have an outcome. */
  public boolean complete() {
    return outcomes.size() == proposals.size();
  }

  public boolean isOnAll(Candidate candidate) {
    Proposal proposal = proposals.get(candidate);
    return proposal != null && proposal.documents().isEmpty();
  }

  /** Returns the candidates with a fitness, best first. */
  public List<Candidate> ranking() {
    Survivors ranked = new Survivors(proposals.size());
    outcomes.forEach(ranked::add);
    return ranked.ranked().stream().map(ScoredCandidate::candidate).toList();
  }

  /** Returns the rejected candidates, in their order. */
  public List<Candidate> rejected() {
    return proposals.keySet().stream()
        .filter(candidate -> outcomes.get(candidate) instanceof Outcome.Rejection)
        .toList();
  }

  /**
   * Returns the fitness of the candidates that were scored on exactly these documents, in order.
   *
   * @param documents in the form of {@link Proposal#documents}
   */
  public Map<Candidate, Outcome.Fitness> scoredOn(List<Integer> documents) {
    Map<Candidate, Outcome.Fitness> scored = new LinkedHashMap<>();
    proposals.forEach(
        (candidate, proposal) -> {
          if (proposal.documents().equals(documents)
              && outcomes.get(candidate) instanceof Outcome.Fitness fitness) {
            scored.put(candidate, fitness);
          }
        });
    return scored;
  }

  /**
   * Returns the statistics of this generation.
   *
   * @param answers outcomes of this generation and all before it
   */
  public GenerationStats stats(int answers) {
    Collection<Outcome> onAll = new ArrayList<>();
    outcomes.forEach(
        (candidate, outcome) -> {
          if (isOnAll(candidate)) {
            onAll.add(outcome);
          }
        });
    return GenerationStats.of(number, outcomes.values(), onAll, answers);
  }
}
