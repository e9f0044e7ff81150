package org.longrope.search;

import java.util.Locale;

/** Choice of the query scales that a search finds. */
public enum QueryScaleChoice {
  /** No scales: queries stay as they are, as in the paper. */
  NONE,
  /** One scale for each rotated pair, which all layers and heads share. */
  PAIR,
  /**
   * One scale for each layer, query head and rotated pair; for each layer and pair where a model's
   * heads share the weights that scales are folded into.
   */
  HEAD;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
