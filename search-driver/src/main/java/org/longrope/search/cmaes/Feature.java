package org.longrope.search.cmaes;

import java.util.Locale;
import java.util.Optional;

/** Feature of the search by CMA-ES that can be left out, to measure what it is worth (ablation). */
public enum Feature {
  /** Searches the attention factor together with the factors; without: keeps the given one. */
  ATTENTION,

  /** Searches start tokens; without: none. */
  START_TOKENS,

  /** Begins also with NTK and YaRN at other critical dimensions. */
  CRITICAL_DIMENSIONS,

  /** Moves the critical dimension; without: changes log λ at fixed pairs. */
  SHIFT,

  /** Moves a few control points first, every factor later; without: every factor from the start. */
  CONTROL_POINTS,

  /** Scores each generation on one document, the next on the next; without: on all. */
  ROTATION,

  /** Stops when further evaluations gain nothing; without: uses the whole budget. */
  EARLY_STOP;

  /** Finds a feature by its word in settings. */
  public static Optional<Feature> of(String word) {
    for (Feature feature : values()) {
      if (feature.toString().equals(word)) {
        return Optional.of(feature);
      }
    }
    return Optional.empty();
  }

  /** Returns the feature as settings spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
