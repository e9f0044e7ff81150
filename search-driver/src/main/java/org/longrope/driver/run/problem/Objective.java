package org.longrope.driver.run.problem;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.search.Randomness;

/** Objective of a search: the perplexity of selected tokens of its documents. */
public enum Objective {
  /** All tokens of a window of the target length (arXiv 2402.13753). */
  PERPLEXITY("perplexity", "ppl"),

  /**
   * Tokens of a key that is hidden in the document and asked for at its end. They depend on distant
   * tokens, as few tokens of a text do (LongRoPE2, arXiv 2502.20082).
   */
  NEEDLE("perplexity of the key", "key ppl"),

  /** Tokens beyond the model's original window. */
  LONG_TOKENS("perplexity of the tokens beyond the original window", "long-token ppl"),

  /**
   * All tokens of a window of the target length and all tokens of the original window, with equal
   * weight, so that neither improves at the cost of the other.
   */
  LONG_AND_SHORT("geometric mean of long and short perplexity", "long-short ppl");

  private final String quantity;
  private final String column;

  Objective(String quantity, String column) {
    this.quantity = quantity;
    this.column = column;
  }

  /**
   * Returns the protocols of each document, in order: one or more, equal for every candidate. Keys
   * are hidden at depths that are spread evenly over the documents, the first and the last half a
   * step from the ends.
   *
   * @param length of the window, tokens
   * @param originalWindow of the model, tokens; less than the length for LONG_TOKENS and
   *     LONG_AND_SHORT
   * @param seed of the keys; a key depends on its document too
   */
  public List<List<Protocol>> protocols(
      List<String> documents, int length, int originalWindow, long seed) {
    List<List<Protocol>> protocols = new ArrayList<>();
    for (int place = 0; place < documents.size(); place++) {
      protocols.add(
          switch (this) {
            case PERPLEXITY -> List.of(new Protocol.Truncated(length));
            case NEEDLE ->
                List.of(
                    new Protocol.Needle(
                        length, (place + 0.5) / documents.size(), key(documents.get(place), seed)));
            case LONG_TOKENS -> List.of(new Protocol.Tail(length, originalWindow));
            case LONG_AND_SHORT ->
                List.of(new Protocol.Truncated(length), new Protocol.Truncated(originalWindow));
          });
    }
    return protocols;
  }

  private static int key(String document, long seed) {
    // The hash of a string is part of Java's definition.
    return PasskeyTrial.drawKey(Randomness.at(seed, document.hashCode()));
  }

  /** Returns the minimised quantity, for use within a sentence. */
  public String quantity() {
    return quantity;
  }

  /** Returns the minimised quantity, for the head of a column. */
  public String column() {
    return column;
  }

  /** Returns the quantity and where it is measured, for use within a sentence. */
  public String atTarget() {
    return this == LONG_AND_SHORT ? quantity : quantity + " at the target";
  }

  /**
   * Returns a sentence on the columns of a comparison.
   *
   * @param searched text for the documents of the search and the length
   * @param heldOut text for the held-out documents
   * @param atWindow text for all documents at the original window, always measured by perplexity
   */
  public String comparison(String searched, String heldOut, String atWindow) {
    return this == PERPLEXITY
        ? String.format("Perplexity of %s, of %s, and of %s.", searched, heldOut, atWindow)
        : String.format(
            "%s%s in %s, in %s, and perplexity of %s.",
            Character.toUpperCase(quantity.charAt(0)),
            quantity.substring(1),
            searched,
            heldOut,
            atWindow);
  }

  /** Finds an objective by its word in settings. */
  public static Optional<Objective> of(String word) {
    for (Objective objective : values()) {
      if (objective.toString().equals(word)) {
        return Optional.of(objective);
      }
    }
    return Optional.empty();
  }

  /** Returns the objective as settings spell it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
