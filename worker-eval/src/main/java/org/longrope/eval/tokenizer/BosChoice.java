package org.longrope.eval.tokenizer;

import java.util.Locale;
import org.longrope.eval.BadInputException;

/** The user's word on the beginning-of-sequence token (BOS); {@code --bos} on the command line. */
public enum BosChoice {
  /** BOS where transformers 5 puts it before a text of this tokenizer: see {@link BosTokens}. */
  AUTO,
  /** BOS before every sequence, also where the tokenizer only names the token. */
  YES,
  /** No BOS. */
  NO;

  /**
   * Returns the choice that the command line calls so.
   *
   * @throws BadInputException if none is called so
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
