package org.longrope.search.surrogate;

import java.util.stream.IntStream;

/** Spearman's rank correlation; equal values share the mean of their ranks. */
final class RankCorrelation {
  private RankCorrelation() {}

  /**
   * Computes the correlation of pairs of values, −1 … 1; 0 if one side is constant.
   *
   * @param a finite values
   * @param b finite values, as many
   */
  static double of(double[] a, double[] b) {
    double[] x = ranks(a);
    double[] y = ranks(b);
    double middle = (a.length - 1) / 2.0;
    double together = 0;
    double alone = 0;
    double other = 0;
    for (int i = 0; i < x.length; i++) {
      together += (x[i] - middle) * (y[i] - middle);
      alone += (x[i] - middle) * (x[i] - middle);
      other += (y[i] - middle) * (y[i] - middle);
    }
    return alone == 0 || other == 0 ? 0 : together / Math.sqrt(alone * other);
  }

  private static double[] ranks(double[] values) {
    return IntStream.range(0, values.length)
        .mapToDouble(
            i -> {
              double rank = 0;
              for (int j = 0; j < values.length; j++) {
                rank += values[j] < values[i] ? 1 : values[j] == values[i] && j != i ? 0.5 : 0;
              }
              return rank;
            })
        .toArray();
  }
}
