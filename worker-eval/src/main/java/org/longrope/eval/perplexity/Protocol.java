package org.longrope.eval.perplexity;

import java.io.Serializable;
import org.longrope.eval.passkey.PasskeyTrial;

/**
 * Choice of the tokens of a document that are scored, and of the tokens that each of them sees
 * before it.
 */
public sealed interface Protocol extends Serializable {
  /** Returns the longest sequence that one forward pass reads, in tokens, BOS included. */
  int length();

  /**
   * Returns how many tokens of a document are read, from its beginning.
   *
   * @param document its tokens, BOS included
   */
  default int tokensRead(int document) {
    return Math.min(document, length());
  }

  /**
   * The first {@code length} tokens in one window; tokens 2 … length are scored. Searches and the
   * paper's tables use it.
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
   * the tokens that none before it scored, so every token but the first is scored.
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
    public int tokensRead(int document) {
      return document;
    }

    @Override
    public String toString() {
      return "sliding(" + length + ", " + stride + ")";
    }
  }

  /**
   * The first {@code length} tokens in one window, of which only those from position {@code from}
   * on are scored. It measures text beyond the window that the model was trained for.
   *
   * @param from position of the first scored token, 1 … length − 1, counted from 0
   */
  record Tail(int length, int from) implements Protocol {
    public Tail {
      checkLength(length);
      if (!(from >= 1 && from < length)) {
        throw new IllegalArgumentException(
            String.format(
                "Cannot score %d tokens from position %d: expected 1 to %d",
                length, from, length - 1));
      }
    }

    @Override
    public String toString() {
      return "tail(" + length + ", " + from + ")";
    }
  }

  /**
   * The first {@code tokens} tokens in windows of {@code length} that do not overlap, the last of
   * them shorter where they do not divide; the first token of each is not scored. It measures short
   * texts by more than a document's beginning.
   *
   * @param tokens the windows' together, at least the length
   */
  record Chunked(int length, int tokens) implements Protocol {
    public Chunked {
      checkLength(length);
      if (!(tokens >= length)) {
        throw new IllegalArgumentException(
            String.format(
                "Cannot divide %d tokens into windows of %d: expected %d or more",
                tokens, length, length));
      }
    }

    @Override
    public int tokensRead(int document) {
      return Math.min(document, tokens);
    }

    @Override
    public String toString() {
      return "chunked(" + length + ", " + tokens + ")";
    }
  }

  /**
   * Key that is hidden among a document's first tokens and requested at their end, in one window of
   * {@code length} tokens with prompt and answer; only the answer's tokens are scored (LongRoPE2,
   * arXiv 2502.20082).
   *
   * @param depth the part of the document's tokens that comes before the key, 0 … 1
   * @param key a number of five digits
   */
  record Needle(int length, double depth, int key) implements Protocol {
    public Needle {
      checkLength(length);
      PasskeyTrial.check(depth, key);
    }

    @Override
    public String toString() {
      return "needle(" + length + ", " + depth + ", " + key + ")";
    }
  }

  private static void checkLength(int length) {
    if (!(length >= 2)) {
      throw new IllegalArgumentException(
          "Cannot measure perplexity of " + length + " tokens: expected 2 or more");
    }
  }
}
