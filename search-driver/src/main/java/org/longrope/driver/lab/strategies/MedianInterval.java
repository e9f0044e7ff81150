package org.longrope.driver.lab.strategies;

import java.util.Arrays;

/**
 * A median and two order statistics between which the population's median lies, whatever the
 * distribution.
 *
 * @param low infinite where most are
 * @param coverage the probability that they hold it between them
 */
record MedianInterval(double median, double low, double high, double coverage) {
  private static final double WANTED = 0.9;

  /**
   * The narrowest that covers at least 90 %; minimum and maximum where none does, of fewer than 5.
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

  /** That of n values more than cut lie below the median, and more than cut above it. */
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
