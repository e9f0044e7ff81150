package org.longrope.eval.passkey;

import java.util.ArrayList;
import java.util.List;

/**
 * Questions of one passkey test: a number of trials at each length and depth.
 *
 * @param lengths in tokens
 * @param depths how many, evenly from 0 to 1; a single one is 0.5
 * @param trials at each length and depth
 * @param seed of all keys
 */
public record PasskeyGrid(List<Integer> lengths, int depths, int trials, long seed) {
  /** 2^64/φ: with the finaliser of SplitMix64, as Steele, Lea and Flood (2014) step by it. */
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  public PasskeyGrid {
    lengths = List.copyOf(lengths);
    if (!(depths >= 1 && trials >= 1)) {
      throw new IllegalArgumentException(
          "Cannot ask " + trials + " questions at each of " + depths + " depths");
    }
  }

  /** Returns the depth of an index from 0. */
  public double depth(int index) {
    return depths == 1 ? 0.5 : (double) index / (depths - 1);
  }

  /**
   * Returns the trials by length, then depth. Each is drawn by the seed, its length, its depth's
   * index and its number, so that a test of fewer lengths has equal questions at each of them.
   */
  public List<PasskeyTrial> questions() {
    List<PasskeyTrial> questions = new ArrayList<>();
    for (int length : lengths) {
      for (int d = 0; d < depths; d++) {
        for (int trial = 0; trial < trials; trial++) {
          long drawn = fold(fold(fold(seed, length), d), trial);
          questions.add(PasskeyTrial.draw(length, depth(d), drawn));
        }
      }
    }
    return questions;
  }

  private static long fold(long state, int value) {
    long z = state + GAMMA * (value + 1L);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
