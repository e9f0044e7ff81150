package org.longrope.eval.passkey;

import java.io.Serializable;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Question of the passkey test: everything but the tokenizer that its prompt depends on.
 *
 * @param length tokens of prompt, answer and a few to spare, BOS included
 * @param depth where the key is: the part of the filler that comes before it, 0 … 1
 * @param key a number of five digits, 10000 … 99999
 * @param seed of the key
 */
public record PasskeyTrial(int length, double depth, int key, long seed) implements Serializable {
  private static final int LEAST = 10_000;
  private static final int BOUND = 100_000;

  public PasskeyTrial {
    check(depth, key);
  }

  /**
   * Checks depth and key.
   *
   * @throws IllegalArgumentException if the key has not five digits, or the depth is not from 0 to
   *     1
   */
  public static void check(double depth, int key) {
    if (!(depth >= 0 && depth <= 1)) {
      throw new IllegalArgumentException("Cannot hide a key at depth " + depth);
    }
    if (!(key >= LEAST && key < BOUND)) {
      throw new IllegalArgumentException("Cannot ask for " + key + ": expected five digits");
    }
  }

  /** Returns the trial whose key is drawn by the seed. */
  public static PasskeyTrial draw(int length, double depth, long seed) {
    return new PasskeyTrial(length, depth, drawKey(new SplittableRandom(seed)), seed);
  }

  /** Draws a number of five digits. */
  public static int drawKey(RandomGenerator random) {
    return random.nextInt(LEAST, BOUND);
  }
}
