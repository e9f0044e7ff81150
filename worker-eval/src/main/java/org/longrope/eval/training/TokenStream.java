package org.longrope.eval.training;

import java.util.Collection;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.longrope.eval.BadInputException;

/**
 * Documents in one sequence, BOS before each, from which training sequences are cut at random
 * positions. A sequence depends on (seed, step, row) alone, so a resumed training sees what an
 * unbroken one sees.
 */
public final class TokenStream {
  private final int[] tokens;
  private final OptionalInt bos;

  private TokenStream(int[] tokens, OptionalInt bos) {
    this.tokens = tokens;
    this.bos = bos;
  }

  /**
   * Concatenates documents.
   *
   * @param bos begins every document and every sequence, if the tokenizer has one
   */
  public static TokenStream of(Collection<int[]> documents, OptionalInt bos) {
    long total = 0;
    for (int[] document : documents) {
      total += document.length + 1L;
    }
    if (total > Integer.MAX_VALUE - 8) {
      throw BadInputException.of(
          "Training data of %d tokens does not fit in memory: expected at most 2^31; prepare it"
              + " with --sample.",
          total);
    }
    int[] tokens = new int[(int) total];
    int end = 0;
    for (int[] document : documents) {
      if (bos.isPresent() && (document.length == 0 || document[0] != bos.getAsInt())) {
        tokens[end++] = bos.getAsInt();
      }
      System.arraycopy(document, 0, tokens, end, document.length);
      end += document.length;
    }
    return new TokenStream(java.util.Arrays.copyOf(tokens, end), bos);
  }

  public int size() {
    return tokens.length;
  }

  /**
   * Returns one training sequence with its last target: length + 1 tokens, the first of them BOS.
   *
   * @throws BadInputException if the stream is shorter than that
   */
  long[] sequence(int length, long seed, int step, int row) {
    int places = tokens.length - length;
    if (places <= 0) {
      throw BadInputException.of(
          "Training data has %d tokens: expected more than the sequence length %d; prepare more"
              + " documents or lower --length.",
          tokens.length, length);
    }
    // SplittableRandom mixes its seed well, so neighbouring seeds give unrelated places.
    int start = new SplittableRandom(seed + ((long) step << 32) + row).nextInt(places);
    long[] sequence = new long[length + 1];
    for (int t = 0; t <= length; t++) {
      sequence[t] = tokens[start + t];
    }
    if (bos.isPresent()) {
      sequence[0] = bos.getAsInt();
    }
    return sequence;
  }
}
