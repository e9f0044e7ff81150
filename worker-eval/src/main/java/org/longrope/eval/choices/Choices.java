package org.longrope.eval.choices;

import java.io.Serializable;
import java.util.Arrays;

/**
 * Question to a model: a context and the continuations to choose from.
 *
 * @param id for messages
 * @param contextTokens one or more ids, BOS included where it is wanted; not copied
 * @param continuations two or more of one or more ids each; not copied
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
public record Choices(String id, int[] contextTokens, int[][] continuations)
    implements Serializable {
  public Choices {
    if (!(contextTokens.length > 0 && continuations.length > 1)) {
      throw new IllegalArgumentException(
          String.format(
              "Cannot choose among %d continuations of %d tokens: expected 2 of 1 or more",
              continuations.length, contextTokens.length));
    }
    for (int[] continuation : continuations) {
      if (continuation.length == 0) {
        throw new IllegalArgumentException("Cannot score a continuation without tokens: " + id);
      }
    }
  }

  /** Returns the number of tokens of the context with the longest continuation. */
  public int longest() {
    int longest = 0;
    for (int[] continuation : continuations) {
      longest = Math.max(longest, continuation.length);
    }
    return contextTokens.length + longest;
  }

  /** Returns the number of tokens to read when the context's first ones are known. */
  int tokensAfter(int known) {
    int tokens = contextTokens.length - known;
    for (int[] continuation : continuations) {
      tokens += continuation.length;
    }
    return tokens;
  }

  /** Returns how many of the context's first tokens another sequence begins with. */
  public int sharedPrefix(int[] other) {
    int mismatch = Arrays.mismatch(contextTokens, other);
    return mismatch < 0 ? contextTokens.length : mismatch;
  }
}
