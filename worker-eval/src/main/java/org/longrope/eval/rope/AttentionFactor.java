package org.longrope.eval.rope;

import java.util.Locale;
import org.longrope.eval.BadInputException;

/**
 * Rule by which the attention factor a follows from the extension ratio s.
 *
 * <ul>
 *   <li>none: a = 1, as in the paper
 *   <li>su: a = sqrt(1 + ln s / ln L) for s &gt; 1 and original window L, as in Phi-3 and the
 *       released code
 *   <li>yarn: a = 0.1·ln s + 1 (arXiv 2309.00071)
 *   <li>a number: that number
 * </ul>
 *
 * Two factors are equal if their values are: none equals the number 1.
 */
public sealed interface AttentionFactor {
  AttentionFactor NONE = new Constant(1);
  AttentionFactor SU = Formula.SU;
  AttentionFactor YARN = Formula.YARN;

  /** Returns the factor a for a rotation and a target length (tokens). */
  double value(RopeGeometry rope, int targetLength);

  /** Returns a fixed factor. */
  static AttentionFactor constant(double factor) {
    return new Constant(factor);
  }

  /** Reads {@code none|su|yarn|NUMBER}. */
  static AttentionFactor parse(String text) {
    switch (text.toLowerCase(Locale.ROOT)) {
      case "none":
        return NONE;
      case "su":
        return SU;
      case "yarn":
        return YARN;
      default:
        break;
    }
    double value;
    try {
      value = Double.parseDouble(text);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw BadInputException.of(
          "Unknown attention factor '%s': expected none, su, yarn or a positive number.", text);
    }
    return constant(value);
  }

  /**
   * A fixed factor.
   *
   * @param factor a, positive
   */
  record Constant(double factor) implements AttentionFactor {
    public Constant {
      if (!(factor > 0 && factor < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "Cannot scale attention by " + factor + ": expected a positive number");
      }
    }

    @Override
    public double value(RopeGeometry rope, int targetLength) {
      return factor;
    }

    /** Returns the option's spelling on the command line. */
    @Override
    public String toString() {
      return factor == 1 ? "none" : Double.toString(factor);
    }
  }

  /** A factor that follows from the extension ratio. */
  enum Formula implements AttentionFactor {
    SU {
      @Override
      double value(double s, RopeGeometry rope) {
        return s > 1 ? Math.sqrt(1 + StrictMath.log(s) / StrictMath.log(rope.originalWindow())) : 1;
      }
    },
    YARN {
      @Override
      double value(double s, RopeGeometry rope) {
        return 0.1 * StrictMath.log(s) + 1;
      }
    };

    abstract double value(double s, RopeGeometry rope);

    @Override
    public double value(RopeGeometry rope, int targetLength) {
      return value(rope.extensionRatio(targetLength), rope);
    }

    /** Returns the option's spelling on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
