package org.longrope.search;

import java.util.List;

/**
 * A candidate that a strategy wants scored.
 *
 * @param generation 0 for the first population
 * @param candidate of which no other proposal is unanswered
 * @param documents which of the search's documents to score it on, ascending from 0; empty: all
 */
public record Proposal(int generation, Candidate candidate, List<Integer> documents) {
  public Proposal {
    documents = List.copyOf(documents);
  }

  /** A candidate to be scored on all documents. */
  public static Proposal whole(int generation, Candidate candidate) {
    return new Proposal(generation, candidate, List.of());
  }

  /** The same of a list that has an entry for each of the search's documents. */
  public <T> List<T> of(List<T> all) {
    return documents.isEmpty() ? all : documents.stream().map(all::get).toList();
  }
}
