package org.longrope.search.cmaes;

import java.util.ArrayList;
import java.util.List;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.search.SearchSpace;

/**
 * Seeds that are NTK and YaRN with another critical dimension. In theory the critical dimension is
 * the pair that turns once over the original window: later pairs never complete a turn in training
 * and must be interpolated by s. In trained models it is earlier or later (LongRoPE2, arXiv
 * 2502.20082).
 */
final class CriticalDimensions {
  /** Turns over the original window at the critical dimension. */
  private static final double[] TURNS = {0.25, 0.5, 1, 2, 4};

  private CriticalDimensions() {}

  static List<RescaleFactors> seeds(SearchSpace space) {
    RopeGeometry rope = space.rope();
    double s = Math.max(1, space.targetLength() / (double) rope.originalWindow());
    List<RescaleFactors> seeds = new ArrayList<>();
    for (double turns : TURNS) {
      double critical = Math.max(1, Math.min(rope.pairs() - 1.0, rope.pairTurning(turns)));
      // YaRN begins to interpolate at 32 times as many turns.
      double first = Math.max(0, rope.pairTurning(32 * turns));
      double[] ntk = new double[rope.pairs()];
      double[] byParts = new double[rope.pairs()];
      for (int i = 0; i < rope.pairs(); i++) {
        ntk[i] = StrictMath.pow(s, Math.min(1, i / critical));
        double share = Math.max(0, Math.min(1, (i - first) / Math.max(1e-3, critical - first)));
        byParts[i] = 1 / (share / s + (1 - share));
      }
      seeds.add(RescaleFactors.of(ntk));
      seeds.add(RescaleFactors.of(byParts));
    }
    return seeds;
  }
}
