package org.longrope.search;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The candidates of one generation: proposed in their order, answered in any. */
public final class Generation {
  private final int number;
  private final Map<Candidate, Proposal> proposals = new LinkedHashMap<>();
  private final Map<Candidate, Outcome> outcomes = new HashMap<>();
  private int proposed;

  /**
   * @param number 0 for the first population
   */
  public Generation(int number) {
    this.number = number;
  }

  public int number() {
    return number;
  }

  /** Adds a candidate for all documents, or has one that is there read on all. */
  public void add(Candidate candidate) {
    proposals.put(candidate, Proposal.whole(number, candidate));
  }

  /**
   * Adds a candidate for one document.
   *
   * @return false if it is there already
   */
  public boolean add(Candidate candidate, int document) {
    return proposals.putIfAbsent(candidate, new Proposal(number, candidate, List.of(document)))
        == null;
  }

  public boolean isEmpty() {
    return proposals.isEmpty();
  }

  /** See {@link SearchStrategy#ask}. */
  public Optional<Proposal> ask() {
    Optional<Proposal> next = proposals.values().stream().skip(proposed).findFirst();
    next.ifPresent(proposal -> proposed++);
    return next;
  }

  /** See {@link SearchStrategy#tell}. */
  public void tell(Candidate candidate, Outcome outcome) {
    boolean asked = proposals.keySet().stream().limit(proposed).anyMatch(candidate::equals);
    if (!asked || outcomes.putIfAbsent(candidate, outcome) != null) {
      throw new IllegalArgumentException(
          "Cannot take an outcome of " + candidate + ": expected one that was proposed, once");
    }
  }

  /** Whether all are answered. */
  public boolean complete() {
    return outcomes.size() == proposals.size();
  }

  public boolean isOnAll(Candidate candidate) {
    Proposal proposal = proposals.get(candidate);
    return proposal != null && proposal.documents().isEmpty();
  }

  /** Those that were answered, best first; the rejected ones are not among them. */
  public List<Candidate> ranking() {
    Survivors ranked = new Survivors(proposals.size());
    outcomes.forEach(ranked::add);
    return ranked.ranked().stream().map(ScoredCandidate::candidate).toList();
  }

  /** Those that were answered by a rejection, in their order. */
  public List<Candidate> rejected() {
    return proposals.keySet().stream()
        .filter(candidate -> outcomes.get(candidate) instanceof Outcome.Rejection)
        .toList();
  }

  /**
   * What those came to that were scored on just these documents and not rejected, in their order.
   *
   * @param documents as {@link Proposal} has them
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
   * @param answers of this generation and all before
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
