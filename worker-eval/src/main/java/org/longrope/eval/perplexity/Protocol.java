package org.longrope.eval.perplexity;

import java.io.Serializable;

/** Which tokens of a document are scored, and what each of them sees before it. */
public sealed interface Protocol extends Serializable {
  /** The longest sequence that one forward pass reads, in tokens, BOS included. */
  int length();

  /**
   * The first {@code length} tokens in one window; tokens 2 … length are scored. What searches and
   * the paper's tables use.
   */
  record Truncated(int length) implements Protocol {
    public Truncated {
      checkLength(length);
    }

    @Override
    public String toString() {
      return "truncated(" + length + ")";
    }
  }

  /**
   * Windows of {@code length} tokens, each {@code stride} after the one before; each scores only
   * what none before it scored, so a document is covered whole.
   */
  record Sliding(int length, int stride) implements Protocol {
    public Sliding {
      checkLength(length);
      // A longer stride would leave tokens that no window scores with a token before them.
      if (!(stride >= 1 && stride < length)) {
        throw new IllegalArgumentException(
            String.format(
                "Cannot slide a window of %d tokens by %d: expected a stride of 1 to %d",
                length, stride, length - 1));
      }
    }

    @Override
    public String toString() {
      return "sliding(" + length + ", " + stride + ")";
    }
  }

  private static void checkLength(int length) {
    if (!(length >= 2)) {
      throw new IllegalArgumentException(
          "Cannot measure perplexity of " + length + " tokens: expected 2 or more");
    }
  }
}
