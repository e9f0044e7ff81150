package org.longrope.driver.inspect;

import java.util.Locale;
import org.longrope.driver.report.table.Numbers;
import org.longrope.eval.family.Activation;
import org.longrope.eval.family.AttentionSpec.HeadNorm;
import org.longrope.eval.family.AttentionSpec.Pairing;
import org.longrope.eval.family.Block;
import org.longrope.eval.family.ExpertsSpec;
import org.longrope.eval.family.Norm;

/** Words and numbers of the description. */
final class Words {
  private static final double GIB = 1L << 30;
  private static final double MIB = 1L << 20;
  private static final double GIGA = 1e9;
  private static final double TERA = 1e12;
  private static final double EXACT = 1e15;

  private Words() {}

  static String of(Norm norm) {
    return switch (norm) {
      case RMS -> "RMS norm";
      case RMS_PLUS_ONE -> "RMS norm with weights 1 + w";
      case LAYER -> "layer norm";
      case LAYER_PLUS_ONE -> "layer norm with weights 1 + w";
      case LAYER_UNWEIGHTED -> "layer norm without weights";
    };
  }

  static String of(Block block) {
    return switch (block) {
      case PRE -> "before attention and feed-forward";
      case POST -> "after attention and feed-forward";
      case SANDWICH -> "before and after attention and feed-forward";
      case PARALLEL -> "one before attention and feed-forward, which are parallel";
    };
  }

  static String of(Activation activation) {
    return switch (activation) {
      case SILU -> "SiLU";
      case GELU -> "GELU";
      case GELU_TANH -> "GELU by tanh";
      case RELU -> "ReLU";
      case RELU_SQUARED -> "squared ReLU";
      case XIELU -> "xIELU";
    };
  }

  static String of(HeadNorm norm) {
    return switch (norm) {
      case NONE -> "none";
      case EACH -> "of each head, before RoPE";
      case EACH_OWN -> "of each head with weights of its own, before RoPE";
      case WHOLE -> "of all heads together, before RoPE";
      case ROTATED -> "of each head, after RoPE";
    };
  }

  static String of(Pairing pairing) {
    return pairing == Pairing.HALVES ? "i with i + d/2" : "2i with 2i + 1";
  }

  static String of(ExpertsSpec.Router router) {
    return switch (router) {
      case SOFTMAX_FIRST -> "softmax over all, of which the highest are taken";
      case TOP_FIRST -> "the highest, and a softmax over them";
      case SPARSE_MIXER -> "sparse mixer";
      case SIGMOID_GROUPS -> "sigmoids, groups first";
    };
  }

  /** Returns a constant's name for JSON. */
  static String key(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** Returns a number with separators if it is whole, and else with six digits. */
  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < EXACT) {
      return Numbers.count((long) value);
    }
    String text = String.format(Locale.ROOT, "%.6g", value);
    return text.contains("e")
        ? text.replaceFirst("\\.?0+e", "e")
        : text.replaceFirst("\\.?0+$", "");
  }

  static String flop(double flop) {
    return flop < TERA
        ? String.format(Locale.ROOT, "%.2f GFLOP", flop / GIGA)
        : String.format(Locale.ROOT, "%,.1f TFLOP", flop / TERA);
  }

  static String bytes(long bytes) {
    return bytes < GIB
        ? String.format(Locale.ROOT, "%,.1f MiB", bytes / MIB)
        : String.format(Locale.ROOT, "%,.2f GiB", bytes / GIB);
  }
}
