package org.longrope.search;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Seeds that are NTK and YaRN with another critical dimension. In theory the critical dimension is
 * the pair that turns once over the original window: later pairs never complete a turn in training
 * and must be interpolated by s. In trained models it is earlier or later (LongRoPE2, arXiv
 * 2502.20082).
 */
public final class CriticalDimensions {
  /** Turns over the original window at the critical dimension. */
  private static final double[] TURNS = {0.25, 0.5, 1, 2, 4};

  private CriticalDimensions() {}

  /** Returns NTK and YaRN at each critical dimension. */
  public static List<RescaleFactors> seeds(SearchSpace space) {
    List<RescaleFactors> seeds = new ArrayList<>();
    for (double turns : TURNS) {
      seeds.add(ntk(space, turns));
      seeds.add(yarn(space, turns));
    }
    return seeds;
  }

  /** Returns YaRN at each critical dimension. */
  public static List<RescaleFactors> yarn(SearchSpace space) {
    return Arrays.stream(TURNS).mapToObj(turns -> yarn(space, turns)).toList();
  }

  private static RescaleFactors ntk(SearchSpace space, double turns) {
    double s = ratio(space);
    double critical = critical(space, turns);
    double[] factors = new double[space.pairs()];
    for (int i = 0; i < factors.length; i++) {
      factors[i] = StrictMath.pow(s, Math.min(1, i / critical));
    }
    return RescaleFactors.of(factors);
  }

  private static RescaleFactors yarn(SearchSpace space, double turns) {
    double s = ratio(space);
    double critical = critical(space, turns);
    // YaRN begins to interpolate at 32 times as many turns.
    double first = Math.max(0, space.rope().pairTurning(32 * turns));
    double[] factors = new double[space.pairs()];
    for (int i = 0; i < factors.length; i++) {
      double share = Math.max(0, Math.min(1, (i - first) / Math.max(1e-3, critical - first)));
      factors[i] = 1 / (share / s + (1 - share));
    }
    return RescaleFactors.of(factors);
  }

  private static double critical(SearchSpace space, double turns) {
    return Math.max(1, Math.min(space.pairs() - 1.0, space.rope().pairTurning(turns)));
  }

  private static double ratio(SearchSpace space) {
    return Math.max(1, space.targetLength() / (double) space.rope().originalWindow());
  }
}
