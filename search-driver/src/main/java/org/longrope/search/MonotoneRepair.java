package org.longrope.search;

/**
 * Search for the ascending vector on the grid that is nearest to a given one in least squares, by
 * the pool-adjacent-violators algorithm (Ayer et al. 1955), O(n). Neighbours that descend are
 * pooled into a block that takes their mean; rounding and clamping the result keep it both monotone
 * and nearest, because the sum of squares is convex in each value. A monotone vector on the grid
 * and in bounds is returned unchanged.
 */
public final class MonotoneRepair {
  private MonotoneRepair() {}

  /** Returns the nearest ascending vector of integers from lower to upper. */
  public static int[] nearest(double[] values, int lower, int upper) {
    double[] sums = new double[values.length];
    int[] sizes = new int[values.length];
    int blocks = 0;
    for (double value : values) {
      sums[blocks] = value;
      sizes[blocks] = 1;
      blocks++;
      while (blocks > 1 && mean(sums, sizes, blocks - 2) > mean(sums, sizes, blocks - 1)) {
        blocks--;
        sums[blocks - 1] += sums[blocks];
        sizes[blocks - 1] += sizes[blocks];
      }
    }
    int[] repaired = new int[values.length];
    int next = 0;
    for (int block = 0; block < blocks; block++) {
      long rounded = Math.round(mean(sums, sizes, block));
      int value = (int) Math.min(Math.max(rounded, lower), upper);
      for (int i = 0; i < sizes[block]; i++) {
        repaired[next++] = value;
      }
    }
    return repaired;
  }

  private static double mean(double[] sums, int[] sizes, int block) {
    return sums[block] / sizes[block];
  }
}
