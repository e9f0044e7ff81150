package org.longrope.eval.family;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/** Vector functions in float64. */
final class ReferenceMath {
  private ReferenceMath() {}

  /** Multiplies x by all rows of a matrix. */
  static double[] product(double[] matrix, int from, double[] x) {
    return product(matrix, from, (matrix.length - from) / x.length, x);
  }

  /** Multiplies x by a number of rows of a matrix that begin at an element. */
  static double[] product(double[] matrix, int from, int rows, double[] x) {
    double[] y = new double[rows];
    for (int o = 0; o < rows; o++) {
      for (int i = 0; i < x.length; i++) {
        y[o] += matrix[from + o * x.length + i] * x[i];
      }
    }
    return y;
  }

  /** Multiplies x by a matrix that is stored input by output. */
  static double[] transposed(double[] matrix, int from, int width, double[] x) {
    double[] y = new double[width];
    for (int i = 0; i < x.length; i++) {
      for (int o = 0; o < width; o++) {
        y[o] += x[i] * matrix[from + i * width + o];
      }
    }
    return y;
  }

  static double[] sum(double[] a, double[] b) {
    double[] y = new double[a.length];
    Arrays.setAll(y, i -> a[i] + b[i]);
    return y;
  }

  static double[] times(double[] a, double[] b) {
    double[] y = new double[a.length];
    Arrays.setAll(y, i -> a[i] * b[i]);
    return y;
  }

  /** Applies a function to each element. */
  static double[] map(double[] x, DoubleUnaryOperator function) {
    return Arrays.stream(x).map(function).toArray();
  }

  /** Divides by the root of the mean square. */
  static double[] rms(double[] x, double epsilon) {
    double squares = 0;
    for (double value : x) {
      squares += value * value;
    }
    double scale = 1 / Math.sqrt(squares / x.length + epsilon);
    return map(x, value -> value * scale);
  }

  /** Subtracts the mean and divides by the standard deviation. */
  static double[] standardised(double[] x, double epsilon) {
    double mean = Arrays.stream(x).sum() / x.length;
    return rms(map(x, value -> value - mean), epsilon);
  }

  static double[] softmax(double[] x) {
    double max = Arrays.stream(x).max().orElseThrow();
    double[] e = map(x, value -> Math.exp(value - max));
    double sum = Arrays.stream(e).sum();
    return map(e, value -> value / sum);
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static double softplus(double x) {
    return Math.log1p(Math.exp(x));
  }

  /** Returns cap · tanh(x / cap). */
  static double capped(double x, double cap) {
    return cap * Math.tanh(x / cap);
  }

  static DoubleUnaryOperator activation(String name) {
    return switch (name) {
      case "silu" -> x -> x * sigmoid(x);
      case "gelu" -> x -> x / 2 * (1 + erf(x / Math.sqrt(2)));
      case "gelu_pytorch_tanh", "gelu_new" ->
          x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
      case "relu2" -> x -> Math.max(x, 0) * Math.max(x, 0);
      default -> throw new IllegalArgumentException("Unknown activation " + name);
    };
  }

  /** Sums 2/√π · exp(−x²) · Σ 2ⁿ x²ⁿ⁺¹ / (1 · 3 · … · (2n + 1)), whose terms have one sign. */
  static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= 2 * x * x / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }
}
