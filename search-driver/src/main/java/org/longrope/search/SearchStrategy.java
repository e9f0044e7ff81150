package org.longrope.search;

import java.util.List;
import java.util.Optional;

/**
 * A search as a conversation: it proposes candidates and is told their outcomes. The conversation
 * alone determines what it proposes next, so a run is resumed by holding the same conversation with
 * a fresh strategy, as a journal recorded it. Not safe for use by several threads.
 */
public interface SearchStrategy {
  /**
   * The next candidate that needs a score; empty while nothing can be proposed before more is told,
   * and for good once all has been proposed.
   */
  Optional<Proposal> ask();

  /**
   * Answers a proposal; in any order.
   *
   * @throws IllegalArgumentException if the candidate was not proposed, or was answered before
   */
  void tell(Candidate candidate, Outcome outcome);

  /** Whether everything has been proposed and answered. */
  boolean finished();

  /** The best candidate of all that were told; empty while every one was rejected. */
  Optional<ScoredCandidate> best();

  /** What each generation brought, of those that are complete. */
  List<GenerationStats> generations();

  /** What a surrogate was worth to it so far; empty where none has said anything. */
  default Optional<ScreeningStats> screening() {
    return Optional.empty();
  }
}
