package org.longrope.search;

import java.util.Locale;
import java.util.Optional;
import org.longrope.search.genetic.GenerationalSearch;
import org.longrope.search.genetic.SteadyStateSearch;

/** When a search may propose: after each generation, or whenever an evaluator is free. */
public enum SearchMode {
  /** {@link GenerationalSearch}: the seed alone decides the course. */
  GENERATIONAL,

  /** {@link SteadyStateSearch}: no evaluator waits; the journal decides the course. */
  ASYNCHRONOUS;

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
