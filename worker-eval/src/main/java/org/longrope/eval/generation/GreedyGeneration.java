package org.longrope.eval.generation;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.DecodingSession;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.decoder.StopSignal;
import org.longrope.eval.rope.FactorTable;
import org.longrope.eval.rope.Rescaling;

/**
 * Greedy decoding under dynamic factors. A token is chosen under the rescaling of the text that
 * ends with it. Keys and values of the tokens before it are kept. When the text outgrows an entry
 * of the table they are computed again from the first token, because they were rotated by other
 * factors.
 *
 * <p>A prefix that a text shares with the text before it is not read again while the rescaling
 * stays the same.
 */
public final class GreedyGeneration implements AutoCloseable {
  private final ResidentModel model;
  private final FactorTable factors;
  private final int capacity;
  private @Nullable DecodingSession session;
  private @Nullable Rescaling rescaling;

  /**
   * Begins without a text.
   *
   * @param capacity tokens of the longest text, prompt and continuation
   */
  public GreedyGeneration(ResidentModel model, FactorTable factors, int capacity) {
    this.model = model;
    this.factors = factors;
    this.capacity = capacity;
  }

  /**
   * Chooses the most likely continuation, token by token.
   *
   * @param prompt one or more ids of the vocabulary, BOS included
   * @param count tokens to choose, 0 or more
   * @param stop asked between parts of each layer
   * @return the chosen tokens
   * @throws IllegalArgumentException if prompt and continuation are more than the capacity
   * @throws org.longrope.eval.BadInputException with the arithmetic if keys and values do not fit
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  public int[] continuation(int[] prompt, int count, StopSignal stop) {
    requireCapacity(prompt.length + count);
    int[] text = Arrays.copyOf(prompt, prompt.length + count);
    for (int length = prompt.length; length < text.length; length++) {
      Rescaling wanted = factors.at(length + 1);
      text[length] = read(Arrays.copyOf(text, length), wanted, stop).argmax();
    }
    return Arrays.copyOfRange(text, prompt.length, text.length);
  }

  /**
   * Returns the NLL in nats of a text's last tokens, each given all before it, under the rescaling
   * of the whole text.
   *
   * @param text two or more ids of the vocabulary, BOS included
   * @param from the first token to score, 1 … n−1
   * @param stop asked between parts of each layer
   * @throws IllegalArgumentException if the text is longer than the capacity
   * @throws org.longrope.eval.BadInputException with the arithmetic if keys and values do not fit
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  public float[] nll(int[] text, int from, StopSignal stop) {
    requireCapacity(text.length);
    return read(text, factors.at(text.length), stop).nll(from);
  }

  private void requireCapacity(int length) {
    if (!(length <= capacity)) {
      throw new IllegalArgumentException(
          "Cannot hold " + length + " tokens where " + capacity + " were expected at most");
    }
  }

  /** Returns the session after it has read exactly this text under this rescaling. */
  private DecodingSession read(int[] text, Rescaling wanted, StopSignal stop) {
    DecodingSession current = session;
    if (current == null || !wanted.equals(rescaling)) {
      close();
      current = model.session(capacity, wanted);
      session = current;
      rescaling = wanted;
    }
    int[] before = current.tokens();
    int mismatch = Arrays.mismatch(before, text);
    int shared = mismatch < 0 ? text.length : mismatch;
    current.truncate(shared);
    if (shared < text.length) {
      // A single token, the last one chosen, reports no progress.
      StopSignal signal = shared < text.length - 1 ? stop : stop::raised;
      current.append(Arrays.copyOfRange(text, shared, text.length), signal);
    }
    return current;
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
      session = null;
    }
  }
}
