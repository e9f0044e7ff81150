package org.longrope.eval.rope;

import java.io.Serializable;
import java.util.List;

/**
 * Dynamic factors: which rescaling holds at which length of a text, so that a short one is read
 * with little interpolation and a long one with much (LongRoPE, section 3.3, "shorter context
 * window recovery").
 *
 * @param entries by ascending length, one or more
 */
public record FactorTable(List<Entry> entries) implements Serializable {

  /**
   * A rescaling and how far it holds.
   *
   * @param length the longest text that it is for, in tokens, 1 or more
   */
  public record Entry(int length, Rescaling rescaling) implements Serializable {
    public Entry {
      if (!(length >= 1)) {
        throw new IllegalArgumentException(
            "Cannot rescale texts of " + length + " tokens: expected 1 or more");
      }
    }
  }

  /**
   * Checks the order of the entries.
   *
   * @throws IllegalArgumentException if there is no entry, or one is not longer than that before it
   */
  public FactorTable {
    entries = List.copyOf(entries);
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("Cannot choose from a table without factors");
    }
    for (int i = 1; i < entries.size(); i++) {
      if (!(entries.get(i).length() > entries.get(i - 1).length())) {
        throw new IllegalArgumentException(
            "Cannot order factors for "
                + entries.get(i).length()
                + " tokens after those for "
                + entries.get(i - 1).length());
      }
    }
  }

  /** Returns a table of one rescaling for every length. */
  public static FactorTable constant(Rescaling rescaling) {
    return new FactorTable(List.of(new Entry(Integer.MAX_VALUE, rescaling)));
  }

  /**
   * Returns the rescaling of a text: that of the smallest entry that holds it, else the last.
   *
   * @param length tokens of the text
   */
  public Rescaling at(int length) {
    for (Entry entry : entries) {
      if (length <= entry.length()) {
        return entry.rescaling();
      }
    }
    return entries.get(entries.size() - 1).rescaling();
  }
}
