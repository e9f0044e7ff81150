package org.longrope.search;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A search as a conversation: it asks for scores and is told them. The answers alone determine what
 * it asks next, so a run is resumed by telling a fresh strategy what a journal recorded. Not safe
 * for use by several threads.
 */
public interface SearchStrategy {
  /**
   * The candidates that need scores now, the same until they are told; empty if and only if the
   * search is finished. No candidate is ever asked for again once it was told.
   */
  List<Candidate> ask();

  /**
   * Answers {@link #ask}. The order of the answers makes no difference.
   *
   * @throws IllegalArgumentException if the answers are not for exactly the candidates asked for
   */
  void tell(Map<Candidate, Outcome> outcomes);

  /** Whether nothing is left to ask. */
  boolean finished();

  /** The best candidate of all that were told; empty while every one was rejected. */
  Optional<Scored> best();

  /** The generation being asked for, 0 for the first population; after the end, the last one. */
  int generation();

  /** What the generation told last brought; empty before the first. */
  Optional<GenerationStats> lastGeneration();
}
