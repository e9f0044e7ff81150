package org.longrope.search;

import java.util.Comparator;

/**
 * Candidate with its perplexity. The order is the ranking: least perplexity first, ties by
 * candidate id, so that it never depends on the order of the results.
 *
 * @param candidate that was scored
 * @param perplexity positive and finite
 */
public record ScoredCandidate(Candidate candidate, double perplexity)
    implements Comparable<ScoredCandidate> {
  private static final Comparator<ScoredCandidate> RANKING =
      Comparator.comparingDouble(ScoredCandidate::perplexity)
          .thenComparing(scored -> scored.candidate().id());

  @Override
  public int compareTo(ScoredCandidate other) {
    return RANKING.compare(this, other);
  }
}
