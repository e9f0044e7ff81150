package org.longrope.driver.factors;

import java.util.Locale;
import org.longrope.eval.BadInputException;

/** Choice of the factors with which engines read texts within the original window. */
public enum ShortFactors {
  /** The long factors too: one rotation at all lengths. */
  LONG,
  /** The model's own short factors, 1 for all pairs where it was never extended. */
  ORIGINAL,
  /** The set that was found for the original window. */
  FOUND;

  /** Reads the name as the command line spells it. */
  public static ShortFactors parse(String text) {
    for (ShortFactors choice : values()) {
      if (choice.toString().equals(text)) {
        return choice;
      }
    }
    throw BadInputException.of(
        "Unknown short factors '%s': expected long, original or found (--short-factors).", text);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
