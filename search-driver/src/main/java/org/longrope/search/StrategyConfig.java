package org.longrope.search;

import java.util.List;

/** How a search goes about it: the algorithm and its parameters, apart from their execution. */
public interface StrategyConfig {
  /** Of all random choices. */
  long seed();

  /**
   * The last generation's number at most; 0 is the first population's.
   *
   * @param documents of the search
   */
  int generations(int documents);

  /**
   * How many documents are scored at most, each time that one is scored for a candidate.
   *
   * @param documents of the search
   */
  long documentsScored(int documents);

  /**
   * Each violated condition as a sentence; empty if the plan can be followed.
   *
   * @param documents of the search
   */
  List<String> problems(SearchMode mode, int documents);

  /**
   * A fresh search.
   *
   * @param seeds what it begins with, of the space
   * @param documents of the search
   * @param surrogate that screens offspring, where the plan has one do it
   * @throws IllegalArgumentException if there are {@link #problems}
   */
  SearchStrategy strategy(
      SearchMode mode,
      SearchSpace space,
      List<Candidate> seeds,
      int documents,
      Surrogate surrogate);
}
