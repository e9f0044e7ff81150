package org.longrope.search;

import java.util.List;

/** Configuration of a strategy: the algorithm and its parameters, apart from their execution. */
public interface StrategyConfig {
  /** Returns the seed of all random choices. */
  long seed();

  /**
   * Returns the greatest number of a generation; 0 is the first population.
   *
   * @param documents number of documents of the search
   */
  int generations(int documents);

  /**
   * Returns the greatest number of evaluations, one for each candidate and document.
   *
   * @param documents number of documents of the search
   */
  long documentsScored(int documents);

  /**
   * Returns the number of the evaluations that have a gradient.
   *
   * @param documents number of documents of the search
   */
  default long gradients(int documents) {
    return 0;
  }

  /**
   * Tells whether candidates are evaluated on some of the documents, so that their fitness is
   * estimated by a reference that is evaluated on all.
   */
  boolean usesReference();

  /**
   * Returns the documents by which candidates are compared, as indices; empty: all.
   *
   * @param documents number of documents of the search
   */
  default List<Integer> comparedOn(int documents) {
    return List.of();
  }

  /**
   * Returns the number of candidates of a generation.
   *
   * @param number of the generation, from 0
   */
  int candidates(int number);

  /** Returns which query scales the strategy finds. */
  default QueryScaleChoice queryScales() {
    return QueryScaleChoice.NONE;
  }

  /**
   * Returns the weight of the perplexity at the original window where query scales are searched: a
   * change of its logarithm counts this many times as much as one of the objective's.
   */
  default double windowWeight() {
    return 0;
  }

  /** Returns the configuration that leaves the attention factor as it is given. */
  StrategyConfig withFixedAttention();

  /**
   * Returns a sentence for each violated condition; empty if the configuration can be used.
   *
   * @param documents number of documents of the search
   */
  List<String> problems(SearchMode mode, int documents);

  /**
   * Returns a new search.
   *
   * @param seeds candidates of the space to begin with
   * @param documents number of documents of the search
   * @param surrogate that screens candidates, if the configuration uses one
   * @throws IllegalArgumentException if the configuration has {@link #problems}
   */
  SearchStrategy strategy(
      SearchMode mode,
      SearchSpace space,
      List<Candidate> seeds,
      int documents,
      Surrogate surrogate);
}
