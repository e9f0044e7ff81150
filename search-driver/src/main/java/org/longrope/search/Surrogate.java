package org.longrope.search;

import java.util.List;

/**
 * Cheap model of the fitness: it learns from scored candidates which others are promising. Equal
 * observations in equal order give an equal ranking of candidates, on every machine and however
 * often it learns, so that a run is resumed by learning again.
 */
@FunctionalInterface
public interface Surrogate {
  /** Surrogate of searches without one; it throws when it should learn. */
  Surrogate NONE =
      observations -> {
        throw new IllegalStateException("There is no surrogate to learn from outcomes");
      };

  /**
   * Starts to learn and returns at once, so that executors do not wait.
   *
   * @param observations in the order of the search, one or more
   */
  Training train(List<Observation> observations);

  /** Learning in progress. */
  @FunctionalInterface
  interface Training {
    /**
     * Waits for the model.
     *
     * @throws IllegalStateException if learning failed: the search stops, because without the model
     *     it would choose other candidates
     */
    Model model();
  }

  /** Result of learning. */
  @FunctionalInterface
  interface Model {
    /**
     * Predicts candidates: less is better. Values have no unit, and only their order counts.
     *
     * @return finite values, one for each candidate
     */
    double[] predict(List<Candidate> candidates);
  }

  /**
   * Result of one evaluation.
   *
   * @param document index of the document; documents differ in level
   * @param logPerplexity finite
   */
  record Observation(Candidate candidate, int document, double logPerplexity) {}
}
