package org.longrope.search;

import java.util.List;

/**
 * Request of a strategy to score a candidate, or to differentiate its score.
 *
 * @param generation 0 for the first population
 * @param candidate that has no other open proposal
 * @param documents indices of the search's documents to score it on, ascending from 0; empty: all
 * @param gradient whether the outcome is an {@link Outcome.Gradient}
 */
public record Proposal(
    int generation, Candidate candidate, List<Integer> documents, boolean gradient) {
  public Proposal {
    documents = List.copyOf(documents);
  }

  /** Returns a proposal to score a candidate on some documents. */
  public Proposal(int generation, Candidate candidate, List<Integer> documents) {
    this(generation, candidate, documents, false);
  }

  /** Returns a proposal to score a candidate on all documents. */
  public static Proposal whole(int generation, Candidate candidate) {
    return new Proposal(generation, candidate, List.of());
  }

  /** Selects the proposal's entries of a list with one entry for each document of the search. */
  public <T> List<T> of(List<T> all) {
    return documents.isEmpty() ? all : documents.stream().map(all::get).toList();
  }
}
