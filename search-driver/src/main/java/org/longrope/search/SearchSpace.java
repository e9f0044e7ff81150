package org.longrope.search;

import java.util.Comparator;
import java.util.List;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Where the search looks (arXiv 2402.13753, section 3.2, table 4): 1 ≤ λ_i ≤ λ_{i+1} ≤ 1.25·s on
 * the grid of 0.01, and n̂ from a short list.
 *
 * @param rope the checkpoint's own rotation
 * @param targetLength the length to extend to, in tokens; s = target length / original window
 */
public record SearchSpace(RopeGeometry rope, int targetLength) {
  private static final List<Integer> START_TOKENS =
      List.of(0, 1, 2, 4, 8, 12, 16, 20, 24, 28, 32, 64, 128, 256);

  /**
   * @throws IllegalArgumentException if the target is not longer than the original window
   */
  public SearchSpace {
    if (!(targetLength > rope.originalWindow())) {
      throw new IllegalArgumentException(
          "Cannot search factors for %d tokens: expected more than the original window of %d"
              .formatted(targetLength, rope.originalWindow()));
    }
  }

  /** d/2, the number of factors. */
  public int pairs() {
    return rope.pairs();
  }

  /** The least factor, in hundredths. */
  public int lower() {
    return Candidate.STEPS;
  }

  /** The greatest factor, in hundredths: 1.25·s rounded down to the grid. */
  public int upper() {
    // In whole numbers: 125·s in floating point may fall just short of its own floor.
    return (int) Math.min(125L * targetLength / rope.originalWindow(), Integer.MAX_VALUE);
  }

  /** The allowed n̂, ascending, none above the target length. */
  public List<Integer> startTokens() {
    return START_TOKENS.stream().filter(tokens -> tokens <= targetLength).toList();
  }

  /** Whether the candidate has as many factors as this space, within its bounds, and its n̂. */
  public boolean contains(Candidate candidate) {
    return candidate.pairs() == pairs()
        && candidate.hundredths(0) >= lower()
        && candidate.hundredths(pairs() - 1) <= upper()
        && startTokens().contains(candidate.startTokens());
  }

  int nearestStartTokens(int startTokens) {
    return startTokens().stream()
        .min(Comparator.comparingLong(allowed -> Math.abs((long) allowed - startTokens)))
        .orElseThrow();
  }
}
