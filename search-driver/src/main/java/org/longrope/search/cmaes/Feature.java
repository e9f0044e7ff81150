package org.longrope.search.cmaes;

import java.util.Locale;
import java.util.Optional;

/** What the fast search does beyond Algorithm 1, each of which can be left out to see its worth. */
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

  /** The idea of that word; empty if there is none. */
  public static Optional<Feature> of(String word) {
    for (Feature idea : values()) {
      if (idea.toString().equals(word)) {
        return Optional.of(idea);
      }
    }
    return Optional.empty();
  }

  /** As settings spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
