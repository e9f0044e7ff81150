package org.longrope.datasets;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.tokenizer.BosChoice;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/**
 * The tokenizer that made a partition's ids, and the BOS that its sequences begin with.
 *
 * @param tokenizerHash null for an unknown tokenizer
 * @param bosTokenId null for none or unknown
 * @param formatVersion of the partition: {@link Manifest#contentHash}
 * @param note what was chosen about BOS, for the user; null if there was nothing to choose
 */
record SequenceOrigin(
    @Nullable String tokenizerHash,
    @Nullable Integer bosTokenId,
    int formatVersion,
    @Nullable String note) {
  /**
   * Chooses BOS.
   *
   * @throws org.longrope.eval.BadInputException if BOS is requested and the tokenizer has none
   */
  static SequenceOrigin of(@Nullable DocumentTokenizer tokenizer, BosChoice choice) {
    if (tokenizer == null) {
      return new SequenceOrigin(null, null, Manifest.FIRST_FORMAT_VERSION, null);
    }
    OptionalInt bos = tokenizer.bosTokenId(choice);
    return new SequenceOrigin(
        tokenizer.hash(),
        bos.isPresent() ? bos.getAsInt() : null,
        bos.equals(tokenizer.formerBosTokenId())
            ? Manifest.FIRST_FORMAT_VERSION
            : Manifest.FORMAT_VERSION,
        note(tokenizer, choice, bos));
  }

  private static String note(DocumentTokenizer tokenizer, BosChoice choice, OptionalInt bos) {
    String taken =
        bos.isPresent()
            ? "Sequences begin with BOS, id " + bos.getAsInt()
            : "Sequences begin without BOS";
    if (choice != BosChoice.AUTO) {
      return taken + ", as --bos says.";
    }
    return tokenizer.isBosDisputed()
        ? taken
            + ", as in transformers 5 but not in 4, because tokenizer.json and add_bos_token"
            + " disagree; choose with --bos yes or no."
        : taken + ", as this tokenizer's do in transformers (--bos auto).";
  }
}
