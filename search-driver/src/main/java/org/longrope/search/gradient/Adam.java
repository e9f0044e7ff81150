package org.longrope.search.gradient;

/** Adam (arXiv 1412.6980) with a rate for each coordinate. */
final class Adam {
  /** The gradient of one document is noisy, and a descent has few steps: short memories. */
  private static final double BETA1 = 0.8;

  private static final double BETA2 = 0.95;
  private static final double EPSILON = 1e-12;

  private final double[] mean;
  private final double[] square;
  private int steps;

  Adam(int dimension) {
    mean = new double[dimension];
    square = new double[dimension];
  }

  /**
   * Moves a point against the gradient, in place.
   *
   * @param rates greatest usual move of each coordinate
   */
  void move(double[] point, double[] gradient, double[] rates) {
    steps++;
    double correction1 = 1 - StrictMath.pow(BETA1, steps);
    double correction2 = 1 - StrictMath.pow(BETA2, steps);
    for (int i = 0; i < point.length; i++) {
      mean[i] += (1 - BETA1) * (gradient[i] - mean[i]);
      square[i] += (1 - BETA2) * (gradient[i] * gradient[i] - square[i]);
      double scale = StrictMath.sqrt(square[i] / correction2) + EPSILON;
      point[i] -= rates[i] * mean[i] / correction1 / scale;
    }
  }
}
