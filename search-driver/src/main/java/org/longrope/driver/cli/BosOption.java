package org.longrope.driver.cli;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.BosChoice;
import org.longrope.eval.tokenizer.DocumentTokenizer;
import picocli.CommandLine.Option;

/** Option of commands that tokenise texts: whether a text begins with BOS. */
final class BosOption {
  @Option(
      names = "--bos",
      paramLabel = "WHEN",
      description =
          "Begin each text with the tokenizer's BOS: yes, no, or auto (where transformers does)."
              + " Default: auto.")
  @Nullable String bos;

  BosChoice choice() {
    return bos == null ? BosChoice.AUTO : BosChoice.parse(bos);
  }

  /**
   * Returns the id that each text begins with, if it begins with one.
   *
   * @throws BadInputException if BOS is asked for and the tokenizer has none
   */
  OptionalInt of(DocumentTokenizer tokenizer) {
    return of(choice(), tokenizer);
  }

  static OptionalInt of(BosChoice choice, DocumentTokenizer tokenizer) {
    OptionalInt bos = tokenizer.bosTokenId(choice);
    if (choice == BosChoice.AUTO && tokenizer.isBosDisputed()) {
      Progress.warn(
          String.format(
              "tokenizer.json and add_bos_token disagree: texts begin %s BOS, as in transformers 5,"
                  + " unlike in transformers 4; choose with --bos yes or no.",
              bos.isPresent() ? "with" : "without"));
    }
    return bos;
  }

  /**
   * Checks that the option is not given where no text is tokenised.
   *
   * @param instead what decides there
   */
  void requireAbsent(String instead) {
    if (bos != null) {
      throw BadInputException.of(
          "--bos is %s and no text is tokenised: expected it with --text; leave it out, %s.",
          bos, instead);
    }
  }
}
