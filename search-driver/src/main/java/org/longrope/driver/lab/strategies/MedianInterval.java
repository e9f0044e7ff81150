package org.longrope.driver.lab.strategies;

import java.util.Arrays;

/**
 * Median of a sample with an interval of two order statistics, which covers the median of the
 * population for any distribution.
 *
 * @param low infinite if most values are
 * @param coverage probability that the interval covers the median of the population
 */
record MedianInterval(double median, double low, double high, double coverage) {
  private static final double WANTED = 0.9;

  /**
   * Computes the narrowest interval that covers at least 90 %, or minimum and maximum of fewer than
   * five values, of which none does.
   *
   * @param values one or more; infinite ones are as good as others
   */
  static MedianInterval of(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    if (n == 0 || Double.isNaN(sorted[n - 1])) {
      throw new IllegalArgumentException("Cannot take the median of " + Arrays.toString(values));
    }
    int cut = 0;
    while (coverage(n, cut + 1) >= WANTED) {
      cut++;
    }
    return new MedianInterval(median(sorted), sorted[cut], sorted[n - 1 - cut], coverage(n, cut));
  }

  private static double median(double[] sorted) {
    double low = sorted[(sorted.length - 1) / 2];
    double high = sorted[sorted.length / 2];
    return low == high ? low : low + (high - low) / 2;
  }

  /** Returns the probability that more than cut of n values lie on each side of the median. */
  private static double coverage(int n, int cut) {
    double outside = 0;
    double probability = Math.pow(0.5, n);
    for (int i = 0; i <= cut; i++) {
      outside += probability;
      probability *= (double) (n - i) / (i + 1);
    }
    return Math.max(0, 1 - 2 * outside);
  }
}
