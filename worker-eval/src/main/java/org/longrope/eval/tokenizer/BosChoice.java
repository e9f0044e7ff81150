package org.longrope.eval.tokenizer;

import java.util.Locale;
import org.longrope.eval.BadInputException;

/** Choice of the beginning-of-sequence token (BOS): {@code --bos} on the command line. */
public enum BosChoice {
  /** BOS where transformers 5 puts it before a text of this tokenizer: see {@link BosTokens}. */
  AUTO,
  /** BOS before every sequence, also where the tokenizer only names the token. */
  YES,
  /** No BOS. */
  NO;

  /**
   * Returns the choice of a name on the command line.
   *
   * @throws BadInputException if there is none of that name
   */
  public static BosChoice parse(String word) {
    for (BosChoice choice : values()) {
      if (choice.name().toLowerCase(Locale.ROOT).equals(word)) {
        return choice;
      }
    }
    throw BadInputException.of("--bos is %s: expected auto, yes or no.", word);
  }
}
