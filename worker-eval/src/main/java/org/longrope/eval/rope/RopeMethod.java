package org.longrope.eval.rope;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.longrope.eval.BadInputException;

/**
 * The rescalings known in closed form; each is a vector λ for an extension ratio s.
 *
 * <ul>
 *   <li>none: λ_i = 1
 *   <li>PI: λ_i = s (arXiv 2306.15595)
 *   <li>NTK-aware: base b·s^(d/(d−2)), that is λ_i = s^(2i/(d−2))
 *   <li>dynamic NTK: NTK with s from the length being read instead of the target
 *   <li>YaRN: NTK by parts (arXiv 2309.00071) with the betas of the geometry
 * </ul>
 */
public enum RopeMethod {
  NONE,
  PI,
  NTK,
  DYNAMIC_NTK,
  YARN;

  /** Returns the method of a name on the command line: none, pi, ntk, dynamic-ntk or yarn. */
  public static RopeMethod parse(String text) {
    for (RopeMethod method : values()) {
      if (method.toString().equals(text)) {
        return method;
      }
    }
    throw BadInputException.of(
        "Unknown method '%s': expected one of %s.",
        text, Arrays.stream(values()).map(RopeMethod::toString).collect(Collectors.joining(", ")));
  }

  /**
   * Returns the factors of this method.
   *
   * @param targetLength the length to extend to, in tokens
   * @param currentLength the length being read, in tokens; only dynamic NTK looks at it
   */
  public RescaleFactors factors(RopeGeometry rope, int targetLength, int currentLength) {
    double s = rope.extensionRatio(targetLength);
    return switch (this) {
      case NONE -> RescaleFactors.uniform(rope.pairs(), 1);
      case PI -> RescaleFactors.uniform(rope.pairs(), s);
      case NTK -> ntk(rope, s);
      case DYNAMIC_NTK -> ntk(rope, rope.extensionRatio(currentLength));
      case YARN -> yarn(rope, s);
    };
  }

  /** Returns the attention factor of the method: YaRN has its own, the others have none. */
  public AttentionFactor attentionFactor() {
    return this == YARN ? AttentionFactor.YARN : AttentionFactor.NONE;
  }

  private static RescaleFactors ntk(RopeGeometry rope, double s) {
    int d = rope.rotaryDimension();
    double[] lambda = new double[rope.pairs()];
    for (int i = 0; i < lambda.length; i++) {
      // With a single pair the exponent is 0/0; that pair is never interpolated.
      lambda[i] = d == 2 ? 1 : StrictMath.pow(s, 2.0 * i / (d - 2));
    }
    return RescaleFactors.of(lambda);
  }

  private static RescaleFactors yarn(RopeGeometry rope, double s) {
    int d = rope.rotaryDimension();
    double low = Math.max(Math.floor(rope.pairTurning(rope.yarnBetas().fast())), 0);
    double high = Math.min(Math.ceil(rope.pairTurning(rope.yarnBetas().slow())), d - 1);
    double width = high == low ? 0.001 : high - low;
    double[] lambda = new double[rope.pairs()];
    for (int i = 0; i < lambda.length; i++) {
      double interpolated = Math.min(Math.max((i - low) / width, 0), 1);
      lambda[i] = 1 / (interpolated / s + (1 - interpolated));
    }
    return RescaleFactors.of(lambda);
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
