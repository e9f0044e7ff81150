package org.longrope.eval.rope;

import java.io.Serializable;

/**
 * Rescaling that a checkpoint's own config.json asks for: the rope types of transformers 5. It
 * gives the base table, frequencies f_i in radians per position for i = 0 … d/2−1 with rotary
 * dimension d and base b, and a factor on cos and sin.
 *
 * <p>The formulas are those of transformers' modeling_rope_utils. A text's length matters to {@link
 * Dynamic} and {@link LongRope} alone.
 */
public sealed interface RopeScaling extends Serializable {
  /** b^(−2i/d), factor 1. */
  RopeScaling NONE = new Default();

  /** Returns the name of the type in config.json. */
  String type();

  /**
   * Returns f_i.
   *
   * @param length of the text, tokens
   */
  double[] frequencies(int rotaryDimension, double base, int length);

  /** Returns the factor on cos and sin. */
  default double attentionFactor() {
    return 1;
  }

  /** Returns b^(−2i/d). */
  static double[] plain(int rotaryDimension, double base) {
    double[] frequencies = new double[rotaryDimension / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = StrictMath.pow(base, -2.0 * i / rotaryDimension);
    }
    return frequencies;
  }

  /** Returns b · growth^(d/(d−2)), the base that turns the last pair 1/growth as fast. */
  private static double grownBase(int rotaryDimension, double base, double growth) {
    // With a single pair the exponent is 1/0; that pair has angle m whatever the base.
    return rotaryDimension == 2
        ? base
        : base * StrictMath.pow(growth, rotaryDimension / (rotaryDimension - 2.0));
  }

  /** No rescaling. */
  record Default() implements RopeScaling {
    @Override
    public String type() {
      return "default";
    }

    @Override
    public double[] frequencies(int rotaryDimension, double base, int length) {
      return plain(rotaryDimension, base);
    }
  }

  /** Position interpolation: all frequencies divided by a factor. */
  record Linear(double factor) implements RopeScaling {
    @Override
    public String type() {
      return "linear";
    }

    @Override
    public double[] frequencies(int rotaryDimension, double base, int length) {
      double[] frequencies = plain(rotaryDimension, base);
      for (int i = 0; i < frequencies.length; i++) {
        frequencies[i] /= factor;
      }
      return frequencies;
    }
  }

  /**
   * NTK-aware scaling by the length of the text.
   *
   * @param window up to which nothing is scaled, tokens
   */
  record Dynamic(double factor, int window) implements RopeScaling {
    @Override
    public String type() {
      return "dynamic";
    }

    @Override
    public double[] frequencies(int rotaryDimension, double base, int length) {
      double growth = factor * Math.max(length, window) / window - (factor - 1);
      return plain(rotaryDimension, grownBase(rotaryDimension, base, growth));
    }
  }

  /** NTK-aware scaling by one number at every length (Hunyuan). */
  record Alpha(double alpha) implements RopeScaling {
    @Override
    public String type() {
      return "dynamic with alpha";
    }

    @Override
    public double[] frequencies(int rotaryDimension, double base, int length) {
      return plain(rotaryDimension, grownBase(rotaryDimension, base, alpha));
    }
  }

  /**
   * Llama 3.1's scaling: low frequencies divided by a factor, high ones kept, a blend between.
   *
   * @param low turns in the original window up to which a frequency is divided by the factor
   * @param high turns from which it is kept
   * @param original window, tokens
   */
  record Llama3(double factor, double low, double high, int original) implements RopeScaling {
    @Override
    public String type() {
      return "llama3";
    }

    @Override
    public double[] frequencies(int rotaryDimension, double base, int length) {
      double[] frequencies = plain(rotaryDimension, base);
      for (int i = 0; i < frequencies.length; i++) {
        double turns = original * frequencies[i] / (2 * Math.PI);
        double kept = Math.min(Math.max((turns - low) / (high - low), 0), 1);
        frequencies[i] = (1 - kept) * frequencies[i] / factor + kept * frequencies[i];
      }
      return frequencies;
    }
  }

  /**
   * YaRN (arXiv 2309.00071): NTK by parts.
   *
   * @param fast turns in the original window from which a frequency is kept (beta_fast)
   * @param slow turns up to which it is divided by the factor (beta_slow)
   * @param truncate whether the pairs between which frequencies blend are rounded outwards
   * @param original window, tokens
   */
  record Yarn(
      double factor,
      double fast,
      double slow,
      boolean truncate,
      int original,
      double attentionFactor)
      implements RopeScaling {
    @Override
    public String type() {
      return "yarn";
    }

    @Override
    public double[] frequencies(int rotaryDimension, double base, int length) {
      double low = pairTurning(rotaryDimension, base, fast);
      double high = pairTurning(rotaryDimension, base, slow);
      low = Math.max(truncate ? Math.floor(low) : low, 0);
      high = Math.min(truncate ? Math.ceil(high) : high, rotaryDimension - 1);
      double width = high == low ? 0.001 : high - low;
      double[] frequencies = plain(rotaryDimension, base);
      for (int i = 0; i < frequencies.length; i++) {
        double interpolated = Math.min(Math.max((i - low) / width, 0), 1);
        frequencies[i] =
            (1 - interpolated) * frequencies[i] + interpolated * frequencies[i] / factor;
      }
      return frequencies;
    }

    private double pairTurning(int rotaryDimension, double base, double turns) {
      return rotaryDimension
          * StrictMath.log(original / (turns * 2 * Math.PI))
          / (2 * StrictMath.log(base));
    }
  }

  /**
   * LongRoPE's own: factors λ for texts within the original window, and others beyond. Given
   * factors stand in place of these. So the base table is the plain one, and {@link
   * RopeGeometry#published} gives the model as it was published.
   *
   * @param original window, tokens
   * @param reach window that the model was extended to, tokens
   */
  record LongRope(
      RescaleFactors shortFactors,
      RescaleFactors longFactors,
      double shortAttention,
      double longAttention,
      int original,
      int reach)
      implements RopeScaling {
    @Override
    public String type() {
      return "longrope";
    }

    @Override
    public double[] frequencies(int rotaryDimension, double base, int length) {
      return plain(rotaryDimension, base);
    }
  }
}
