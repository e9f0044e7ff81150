package org.longrope.search.cmaes;

/** Cholesky factors of small covariance matrices. */
final class Cholesky {
  private Cholesky() {}

  /**
   * Returns the lower triangular L with L·Lᵀ = C.
   *
   * @param matrix symmetric and positive definite
   * @throws IllegalArgumentException if it is not positive definite
   */
  static double[][] lower(double[][] matrix) {
    int n = matrix.length;
    double[][] lower = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double rest = matrix[i][j];
        for (int k = 0; k < j; k++) {
          rest -= lower[i][k] * lower[j][k];
        }
        if (i != j) {
          lower[i][j] = rest / lower[j][j];
        } else if (rest > 0) {
          lower[i][i] = Math.sqrt(rest);
        } else {
          throw new IllegalArgumentException(
              "Cannot take the root of a matrix whose pivot " + i + " is " + rest);
        }
      }
    }
    return lower;
  }

  /** Returns the x with L·x = b for a lower triangular L. */
  static double[] solve(double[][] lower, double[] b) {
    double[] x = new double[b.length];
    for (int i = 0; i < b.length; i++) {
      double rest = b[i];
      for (int k = 0; k < i; k++) {
        rest -= lower[i][k] * x[k];
      }
      x[i] = rest / lower[i][i];
    }
    return x;
  }

  /** Returns L·x for a lower triangular L. */
  static double[] times(double[][] lower, double[] x) {
    double[] product = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k <= i; k++) {
        product[i] += lower[i][k] * x[k];
      }
    }
    return product;
  }
}
