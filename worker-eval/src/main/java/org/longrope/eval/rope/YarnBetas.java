package org.longrope.eval.rope;

import java.io.Serializable;
import org.longrope.eval.BadInputException;

/**
 * Turns in the original window between which YaRN blends: a pair that turns more often is kept, one
 * that turns less often is interpolated.
 *
 * @param fast β_fast, turns
 * @param slow β_slow, turns, below fast
 */
public record YarnBetas(double fast, double slow) implements Serializable {
  /** Betas of the paper (arXiv 2309.00071). */
  public static final YarnBetas DEFAULT = new YarnBetas(32, 1);

  public YarnBetas {
    if (!(slow > 0 && slow < fast && fast < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "Cannot blend between " + fast + " and " + slow + " turns: expected fast > slow > 0");
    }
  }

  /** Reads {@code FAST,SLOW}. */
  public static YarnBetas parse(String text) {
    try {
      String[] words = text.split(",", -1);
      if (words.length == 2) {
        return new YarnBetas(
            Double.parseDouble(words[0].strip()), Double.parseDouble(words[1].strip()));
      }
    } catch (IllegalArgumentException e) {
      // As for any other text.
    }
    throw BadInputException.of(
        "Unknown YaRN betas '%s': expected FAST,SLOW with fast above slow above 0, such as 128,2.",
        text);
  }

  /** Returns the option's spelling on the command line. */
  @Override
  public String toString() {
    return word(fast) + "," + word(slow);
  }

  private static String word(double turns) {
    return turns == Math.rint(turns) ? Long.toString((long) turns) : Double.toString(turns);
  }
}
