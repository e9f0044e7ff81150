package org.longrope.search.cmaes;

import java.util.List;

/**
 * Evolution strategy with covariance matrix adaptation (CMA-ES): samples a normal distribution and
 * moves it towards the better half of each generation (Hansen, arXiv 1604.00772, with its positive
 * weights and default rates). The square root of the covariance is its Cholesky factor, and the
 * path of the step size is kept in the coordinates of the standard normal draws (Krause, Arbonès
 * and Igel, NeurIPS 2016): no eigenvalues are needed. Only ranks are used, never values.
 */
final class CovarianceAdaptation {
  private final int n;
  private final double[] weights;
  private final double effective;
  private final double stepRate;
  private final double stepDamping;
  private final double pathRate;
  private final double rankOneRate;
  private final double rankMuRate;
  private final double expectedNorm;

  private final double[] mean;
  private final double[][] covariance;
  private final double[] stepPath;
  private final double[] path;
  private double[][] root;
  private double step = 1;
  private int generations;

  /**
   * Begins with a mean and a covariance.
   *
   * @param mean first centre, n values
   * @param covariance first covariance, n × n, positive definite
   * @param population samples of a generation, 4 or more
   */
  CovarianceAdaptation(double[] mean, double[][] covariance, int population) {
    n = mean.length;
    this.mean = mean.clone();
    this.covariance = new double[n][];
    for (int i = 0; i < n; i++) {
      this.covariance[i] = covariance[i].clone();
    }
    root = Cholesky.lower(covariance);
    stepPath = new double[n];
    path = new double[n];
    weights = weights(population);
    double squares = 0;
    for (double weight : weights) {
      squares += weight * weight;
    }
    effective = 1 / squares;
    stepRate = (effective + 2) / (n + effective + 5);
    stepDamping = 1 + stepRate + 2 * Math.max(0, Math.sqrt((effective - 1) / (n + 1)) - 1);
    pathRate = (4 + effective / n) / (n + 4 + 2 * effective / n);
    rankOneRate = 2 / ((n + 1.3) * (n + 1.3) + effective);
    rankMuRate =
        Math.min(
            1 - rankOneRate,
            2 * (effective - 2 + 1 / effective) / ((n + 2.0) * (n + 2) + effective));
    expectedNorm = Math.sqrt(n) * (1 - 1 / (4.0 * n) + 1 / (21.0 * n * n));
  }

  /** Returns weights of the better half, descending with the logarithm of the rank, of sum 1. */
  private static double[] weights(int population) {
    double[] weights = new double[population / 2];
    double sum = 0;
    for (int rank = 0; rank < weights.length; rank++) {
      weights[rank] = StrictMath.log((population + 1) / 2.0) - StrictMath.log(rank + 1);
      sum += weights[rank];
    }
    for (int rank = 0; rank < weights.length; rank++) {
      weights[rank] /= sum;
    }
    return weights;
  }

  /** Returns the centre of the distribution. */
  double[] mean() {
    return mean.clone();
  }

  /** Moves the centre. */
  void moveTo(double[] other) {
    System.arraycopy(other, 0, mean, 0, n);
  }

  /** Returns the standard deviation of each coordinate. */
  double[] deviations() {
    double[] deviations = new double[n];
    for (int i = 0; i < n; i++) {
      deviations[i] = step * Math.sqrt(covariance[i][i]);
    }
    return deviations;
  }

  /**
   * Returns the point of a sample.
   *
   * @param normal n independent standard normal values
   */
  double[] point(double[] normal) {
    double[] point = Cholesky.times(root, normal);
    for (int i = 0; i < n; i++) {
      point[i] = mean[i] + step * point[i];
    }
    return point;
  }

  /**
   * Returns the standard normal values of which a point would be the sample. The point may come
   * from an earlier distribution: the values of a far point are shortened to a length that samples
   * reach rarely, so that it cannot move the distribution further than a sample would (Hansen,
   * arXiv 1110.4181).
   *
   * @param point n values
   */
  double[] normal(double[] point) {
    double[] offset = new double[n];
    for (int i = 0; i < n; i++) {
      offset[i] = (point[i] - mean[i]) / step;
    }
    double[] normal = Cholesky.solve(root, offset);
    double squares = 0;
    for (double value : normal) {
      squares += value * value;
    }
    double longest = Math.sqrt(n) + 2.0 * n / (n + 2);
    double scale = Math.min(1, longest / Math.sqrt(squares));
    for (int i = 0; i < n; i++) {
      normal[i] *= scale;
    }
    return normal;
  }

  /**
   * Learns from a generation.
   *
   * @param ranked standard normal values of the samples, best first; at least half a population
   */
  void learn(List<double[]> ranked) {
    double[] normal = new double[n];
    double[][] moves = new double[weights.length][];
    double[] move = new double[n];
    for (int rank = 0; rank < weights.length; rank++) {
      double[] draw = ranked.get(rank);
      moves[rank] = Cholesky.times(root, draw);
      for (int i = 0; i < n; i++) {
        normal[i] += weights[rank] * draw[i];
        move[i] += weights[rank] * moves[rank][i];
      }
    }
    generations++;
    double norm = 0;
    for (int i = 0; i < n; i++) {
      mean[i] += step * move[i];
      stepPath[i] =
          (1 - stepRate) * stepPath[i]
              + Math.sqrt(stepRate * (2 - stepRate) * effective) * normal[i];
      norm += stepPath[i] * stepPath[i];
    }
    norm = Math.sqrt(norm);
    // A long path of the step size would inflate the covariance: skip it (arXiv 1604.00772, h_σ).
    double unbiased = Math.sqrt(1 - StrictMath.pow(1 - stepRate, 2.0 * generations));
    boolean steady = norm / unbiased < (1.4 + 2 / (n + 1.0)) * expectedNorm;
    for (int i = 0; i < n; i++) {
      path[i] =
          (1 - pathRate) * path[i]
              + (steady ? Math.sqrt(pathRate * (2 - pathRate) * effective) * move[i] : 0);
    }
    double lost = steady ? 0 : rankOneRate * pathRate * (2 - pathRate);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        double learnt = rankOneRate * path[i] * path[j];
        for (int rank = 0; rank < weights.length; rank++) {
          learnt += rankMuRate * weights[rank] * moves[rank][i] * moves[rank][j];
        }
        covariance[i][j] = (1 - rankOneRate - rankMuRate + lost) * covariance[i][j] + learnt;
      }
    }
    step *= StrictMath.exp(stepRate / stepDamping * (norm / expectedNorm - 1));
    root = Cholesky.lower(covariance);
  }
}
