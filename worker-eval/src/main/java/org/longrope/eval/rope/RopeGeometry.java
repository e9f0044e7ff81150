package org.longrope.eval.rope;

/**
 * A checkpoint's own rotation.
 *
 * @param rotaryDimension d, the rotated part of a head: head_dim × partial_rotary_factor, even
 * @param base b, rope_theta in config.json
 * @param originalWindow window from which the extension ratio is counted, tokens: the positions
 *     that the checkpoint reads with its own scaling; for longrope those before it was extended
 * @param scaling of the checkpoint's own config
 * @param yarnBetas of YaRN as a baseline on this model
 */
public record RopeGeometry(
    int rotaryDimension,
    double base,
    int originalWindow,
    RopeScaling scaling,
    YarnBetas yarnBetas) {
  /** Describes a rotation without a scaling of its own. */
  public RopeGeometry(int rotaryDimension, double base, int originalWindow) {
    this(rotaryDimension, base, originalWindow, RopeScaling.NONE);
  }

  /** Describes a rotation with the usual baselines. */
  public RopeGeometry(int rotaryDimension, double base, int originalWindow, RopeScaling scaling) {
    this(rotaryDimension, base, originalWindow, scaling, YarnBetas.DEFAULT);
  }

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
  public double[] plainFrequencies() {
    return RopeScaling.plain(rotaryDimension, base);
  }

  /**
   * Returns the frequencies f_i of the checkpoint's base table, radians per position, for i = 0 …
   * d/2−1. Rescale factors divide them.
   *
   * @param length of the text, tokens
   */
  public double[] frequencies(int length) {
    return scaling.frequencies(rotaryDimension, base, length);
  }

  /** Returns the rescaling with which the model computes a text as it was published. */
  public Rescaling published(int length) {
    if (scaling instanceof RopeScaling.LongRope own) {
      return length > own.original()
          ? new Rescaling(own.longFactors(), 0, own.longAttention())
          : new Rescaling(own.shortFactors(), 0, own.shortAttention());
    }
    return new Rescaling(RescaleFactors.uniform(pairs(), 1), 0, 1);
  }

  /** Returns the same rotation with another original window. */
  public RopeGeometry withOriginalWindow(int window) {
    return new RopeGeometry(rotaryDimension, base, window, scaling, yarnBetas);
  }

  /** Returns the same rotation with other betas of YaRN. */
  public RopeGeometry withYarnBetas(YarnBetas betas) {
    return new RopeGeometry(rotaryDimension, base, originalWindow, scaling, betas);
  }

  /** Returns the rotation whose base table is the plain one. */
  public RopeGeometry withoutScaling() {
    return new RopeGeometry(rotaryDimension, base, originalWindow, RopeScaling.NONE, yarnBetas);
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
