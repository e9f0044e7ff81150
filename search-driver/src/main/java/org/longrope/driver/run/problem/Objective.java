package org.longrope.driver.run.problem;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.search.Randomness;

/** What a search minimises: the perplexity of which tokens of its documents. */
public enum Objective {
  /** All tokens of a window of the target length (arXiv 2402.13753). */
  PERPLEXITY("perplexity", "ppl"),

  /**
   * Those of a key that is hidden in the document and asked for at its end: attention to what lies
   * far back decides them, as it decides few of a text's own tokens (LongRoPE2, arXiv 2502.20082).
   */
  NEEDLE("perplexity of the key", "key ppl"),

  /** Those beyond the model's original window. */
  LONG_TOKENS("perplexity of the tokens beyond the original window", "long-token ppl"),

  /**
   * All tokens of a window of the target length and all of one of the original length, either with
   * equal weight: what is won at the one is not to be paid for at the other.
   */
  LONG_AND_SHORT("geometric mean of long and short perplexity", "long-short ppl");

  private final String quantity;
  private final String column;

  Objective(String quantity, String column) {
    this.quantity = quantity;
    this.column = column;
  }

  /**
   * How documents are measured, in their order: each by one protocol or more, the same for every
   * candidate. Keys lie at depths that are spread evenly over the documents, the first and the last
   * half a step from the ends.
   *
   * @param length of the window, tokens
   * @param originalWindow of the model, tokens; less than the length if tokens beyond it count, or
   *     both windows do
   * @param seed of the keys, each of which depends on its document beside
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

  /** What is minimised, as within a sentence. */
  public String quantity() {
    return quantity;
  }

  /** The same as at the head of a column. */
  public String column() {
    return column;
  }

  /** Where it is measured, too, as within a sentence. */
  public String atTarget() {
    return this == LONG_AND_SHORT ? quantity : quantity + " at the target";
  }

  /**
   * What the columns of a comparison hold, in a sentence.
   *
   * @param searched the documents of the search, with the length
   * @param heldOut the others
   * @param atWindow all of them, with the original window, at which perplexity is measured always
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

  /** The objective of that word; empty if there is none. */
  public static Optional<Objective> of(String word) {
    for (Objective objective : values()) {
      if (objective.toString().equals(word)) {
        return Optional.of(objective);
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
