package org.longrope.search;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Source of one random generator for each draw. The generator follows from the position of the draw
 * alone, so that no earlier event, in whatever order, changes it.
 *
 * <p>The run's seed s and the position (of an offspring: generation, slot, attempt) are folded by s
 * ← mix(s + γ·(v + 1)) for its values v in turn, where γ = 2^64/φ and mix is the finaliser of
 * SplitMix64 (Steele, Lea and Flood 2014; Stafford's variant 13); the result seeds a {@link
 * SplittableRandom}.
 */
public final class Randomness {
  private static final long GAMMA = 0x9E3779B97F4A7C15L;

  private Randomness() {}

  /** Returns the generator of a position; positions of different lengths are different. */
  public static RandomGenerator at(long seed, int... position) {
    long state = seed;
    for (int value : position) {
      state = fold(state, value);
    }
    return new SplittableRandom(state);
  }

  private static long fold(long state, int value) {
    long z = state + GAMMA * (value + 1L);
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
