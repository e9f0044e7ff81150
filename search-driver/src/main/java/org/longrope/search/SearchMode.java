package org.longrope.search;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.longrope.eval.rope.RescaleFactors;

/** When a search may propose: after each generation, or whenever an evaluator is free. */
public enum SearchMode {
  /** {@link GenerationalSearch}: the seed alone decides the course. */
  GENERATIONAL,

  /** {@link SteadyStateSearch}: no evaluator waits; the journal decides the course. */
  ASYNCHRONOUS;

  /**
   * A fresh search.
   *
   * @param seeds what it begins with, besides mutants of them
   */
  public SearchStrategy strategy(
      SearchParameters parameters, SearchSpace space, List<RescaleFactors> seeds) {
    return this == GENERATIONAL
        ? new GenerationalSearch(parameters, space, seeds)
        : new SteadyStateSearch(parameters, space, seeds);
  }

  /** The mode of that word; empty if there is none. */
  public static Optional<SearchMode> of(String word) {
    for (SearchMode mode : values()) {
      if (mode.toString().equals(word)) {
        return Optional.of(mode);
      }
    }
    return Optional.empty();
  }

  /** As settings spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
