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
