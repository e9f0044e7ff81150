package org.longrope.search;

import java.util.List;
import java.util.Optional;

/**
 * Search algorithm with an ask/tell interface: it proposes candidates and receives their outcomes.
 * The sequence of calls alone determines the next proposal, so a run is resumed by repeating the
 * calls that a journal recorded on a new strategy. Not safe for use by several threads.
 *
 * <pre>{@code
 * while (!strategy.finished()) {
 *   strategy.ask().ifPresent(proposal ->
 *       strategy.tell(proposal.candidate(), Outcome.of(perplexity(proposal))));
 * }
 * }</pre>
 */
public interface SearchStrategy {
  /**
   * Returns the next candidate to score; empty while the strategy waits for outcomes, and for good
   * after the last proposal.
   */
  Optional<Proposal> ask();

  /**
   * Receives the outcome of a proposal; outcomes may come in any order.
   *
   * @throws IllegalArgumentException if the candidate was not proposed, or has an outcome already
   */
  void tell(Candidate candidate, Outcome outcome);

  /** Returns whether every proposal was made and has its outcome. */
  boolean finished();

  /** Returns the best candidate so far; empty while every candidate was rejected. */
  Optional<ScoredCandidate> best();

  /** Returns the statistics of each complete generation. */
  List<GenerationStats> generations();

  /** Returns how well a surrogate has predicted so far; empty without predictions. */
  default Optional<ScreeningStats> screening() {
    return Optional.empty();
  }
}
