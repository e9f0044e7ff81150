package org.longrope.eval.rope;

/**
 * A checkpoint's own rotation.
 *
 * @param rotaryDimension d, the rotated part of a head: head_dim × partial_rotary_factor, even
 * @param base b, rope_theta in config.json
 * @param originalWindow positions the checkpoint was trained on, in tokens
 */
public record RopeGeometry(int rotaryDimension, double base, int originalWindow) {
  public RopeGeometry {
    if (!(rotaryDimension > 0 && rotaryDimension % 2 == 0)) {
      throw new IllegalArgumentException(
          "Cannot rotate " + rotaryDimension + " dimensions: expected an even, positive number");
    }
    if (!(base > 1 && base < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("Cannot rotate with base " + base + ": expected above 1");
    }
    if (!(originalWindow > 0)) {
      throw new IllegalArgumentException(
          "Cannot rescale from a window of " + originalWindow + " tokens: expected above 0");
    }
  }

  /** Returns d/2, the number of rotated pairs and of rescale factors. */
  public int pairs() {
    return rotaryDimension / 2;
  }

  /** Returns b^(−2i/d), radians per position, for i = 0 … d/2−1. */
  public double[] inverseFrequencies() {
    double[] inverse = new double[pairs()];
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] = StrictMath.pow(base, -2.0 * i / rotaryDimension);
    }
    return inverse;
  }

  /**
   * Returns the (fractional) pair index i that makes the given number of turns over the original
   * window: lower pairs turn more often.
   */
  public double pairTurning(double turns) {
    return rotaryDimension
        * StrictMath.log(originalWindow / (turns * 2 * Math.PI))
        / (2 * StrictMath.log(base));
  }

  /**
   * Returns s = target / original window; at least 1, because a shorter text needs no rescaling.
   */
  public double extensionRatio(int targetLength) {
    return Math.max(1.0, (double) targetLength / originalWindow);
  }
}
