package org.longrope.search.cmaes;

import java.util.Locale;
import java.util.Optional;

/** Feature of the search by CMA-ES that can be left out, to measure what it is worth (ablation). */
public enum Feature {
  /** The attention factor is searched together with the factors; without: as it was given. */
  ATTENTION,

  /** Start tokens are searched; without: none. */
  START_TOKENS,

  /** Begins also with NTK and YaRN that have their critical dimension elsewhere. */
  CRITICAL_DIMENSIONS,

  /** The critical dimension moves; without: log λ bends where it is, and each factor by itself. */
  SHIFT,

  /** Few control points first, every factor afterwards; without: every factor from the start. */
  CONTROL_POINTS,

  /** Each generation is scored on one document, the next one on the next; without: on all. */
  ROTATION,

  /** Stops where more reading has stopped to pay; without: reads the whole budget. */
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
