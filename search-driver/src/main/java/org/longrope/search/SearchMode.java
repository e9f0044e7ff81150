package org.longrope.search;

import java.util.Locale;
import java.util.Optional;

/** Rule for when a search proposes: after each generation, or whenever an executor is free. */
public enum SearchMode {
  /** Each generation waits for its last evaluation: the seed alone decides the course. */
  GENERATIONAL,

  /** No executor waits; the order of results decides the course, and the journal keeps it. */
  ASYNCHRONOUS;

  /** Finds a mode by its word in settings. */
  public static Optional<SearchMode> of(String word) {
    for (SearchMode mode : values()) {
      if (mode.toString().equals(word)) {
        return Optional.of(mode);
      }
    }
    return Optional.empty();
  }

  /** Returns the mode as settings spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
