package org.longrope.search;

import java.util.List;

/**
 * Learns from candidates that were scored which others promise most, at a price that is nothing
 * beside an evaluation. The same observations in the same order give the same order of candidates,
 * wherever and however often it learns: a run is resumed by learning again.
 */
@FunctionalInterface
public interface Surrogate {
  /** For searches that are screened by none; it refuses to learn. */
  Surrogate NONE =
      observations -> {
        throw new IllegalStateException("There is no surrogate to learn from outcomes");
      };

  /**
   * Begins to learn and returns at once: evaluators are not kept waiting.
   *
   * @param observations in the order of the search, one or more
   */
  Training train(List<Observation> observations);

  /** Learning that is under way. */
  @FunctionalInterface
  interface Training {
    /**
     * Waits for what was learnt.
     *
     * @throws IllegalStateException if it could not be: the search cannot go on, for without it
     *     others would be its choices
     */
    Model model();
  }

  /** What was learnt. */
  @FunctionalInterface
  interface Model {
    /**
     * What each promises: less is better. Values have no unit, and only their order counts.
     *
     * @return finite values, one for each candidate
     */
    double[] predict(List<Candidate> candidates);
  }

  /**
   * What one candidate came to.
   *
   * @param document on which it was scored: documents differ in level
   * @param logPerplexity finite
   */
  record Observation(Candidate candidate, int document, double logPerplexity) {}
}
