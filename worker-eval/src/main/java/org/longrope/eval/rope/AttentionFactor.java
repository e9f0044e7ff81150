package org.longrope.eval.rope;

import java.util.Locale;
import org.longrope.eval.BadInputException;

/**
 * How the attention factor a follows from the extension ratio s.
 *
 * <ul>
 *   <li>none: a = 1, as in the paper
 *   <li>su: a = sqrt(1 + ln s / ln L) for s &gt; 1 and original window L, as in Phi-3 and the
 *       released code
 *   <li>yarn: a = 0.1·ln s + 1 (arXiv 2309.00071)
 *   <li>a number: that number
 * </ul>
 */
public final class AttentionFactor {
  public static final AttentionFactor NONE = new AttentionFactor("none", 1);
  public static final AttentionFactor SU = new AttentionFactor("su", Double.NaN);
  public static final AttentionFactor YARN = new AttentionFactor("yarn", Double.NaN);

  private final String name;
  private final double constant;

  private AttentionFactor(String name, double constant) {
    this.name = name;
    this.constant = constant;
  }

  /** A fixed factor. */
  public static AttentionFactor constant(double factor) {
    return new AttentionFactor(Double.toString(factor), factor);
  }

  /** Reads {@code none|su|yarn|NUMBER}. */
  public static AttentionFactor parse(String text) {
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
    return new AttentionFactor(text, value);
  }

  /** The factor a for this rotation and target length (tokens). */
  public double value(RopeGeometry rope, int targetLength) {
    double s = rope.extensionRatio(targetLength);
    if (name.equals("su")) {
      return s > 1 ? Math.sqrt(1 + Math.log(s) / Math.log(rope.originalWindow())) : 1;
    }
    return name.equals("yarn") ? 0.1 * Math.log(s) + 1 : constant;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AttentionFactor that && name.equals(that.name);
  }

  @Override
  public int hashCode() {
    return name.hashCode();
  }

  /** As written on the command line. */
  @Override
  public String toString() {
    return name;
  }
}
