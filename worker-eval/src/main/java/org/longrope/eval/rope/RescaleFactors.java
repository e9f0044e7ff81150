package org.longrope.eval.rope;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The rescale factors λ_0 … λ_{d/2−1} of LongRoPE (arXiv 2402.13753, section 3.1): pair i of the
 * rotary part turns 1/λ_i as fast as the checkpoint's own rotation. Immutable; d is the rotary
 * dimension.
 */
public final class RescaleFactors implements Serializable {
  private static final long serialVersionUID = 1L;

  private final double[] lambda;

  private RescaleFactors(double[] lambda) {
    this.lambda = lambda;
    for (int i = 0; i < lambda.length; i++) {
      if (!(lambda[i] > 0 && lambda[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "Cannot rescale by factor " + i + ": " + lambda[i] + " is not a positive number");
      }
    }
  }

  /**
   * Returns the factors of all pairs.
   *
   * @throws IllegalArgumentException if a factor is not a positive finite number
   */
  public static RescaleFactors of(double... lambda) {
    return new RescaleFactors(lambda.clone());
  }

  public static RescaleFactors of(List<Double> lambda) {
    return new RescaleFactors(lambda.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** Returns one factor for all pairs. */
  public static RescaleFactors uniform(int pairs, double factor) {
    double[] lambda = new double[pairs];
    Arrays.fill(lambda, factor);
    return new RescaleFactors(lambda);
  }

  /** Returns the number of rotated pairs, d/2. */
  public int pairs() {
    return lambda.length;
  }

  public double get(int pair) {
    return lambda[pair];
  }

  public double[] toArray() {
    return lambda.clone();
  }

  public List<Double> toList() {
    return Collections.unmodifiableList(Arrays.stream(lambda).boxed().collect(Collectors.toList()));
  }

  /**
   * Returns whether λ_i ≤ λ_{i+1} throughout: the search keeps to that, published factors may not.
   */
  public boolean isMonotone() {
    for (int i = 1; i < lambda.length; i++) {
      if (lambda[i] < lambda[i - 1]) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RescaleFactors that && Arrays.equals(lambda, that.lambda);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(lambda);
  }

  @Override
  public String toString() {
    return Arrays.toString(lambda);
  }

  private Object writeReplace() {
    return new Serialised(lambda);
  }

  /** Serialised form. Reading it goes through the constructor and its checks. */
  @SuppressWarnings("ArrayRecordComponent") // carried, never compared
  private record Serialised(double[] lambda) implements Serializable {
    private Object readResolve() {
      return new RescaleFactors(lambda);
    }
  }
}
