package org.longrope.driver.factors;

import static org.longrope.driver.factors.FactorFile.damaged;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

/**
 * Factors that a config.json amounts to: λ_i = b^(−2i/d) / f_i of its own rope type, with the
 * attention factor of that type, for texts of max_position_embeddings.
 */
final class ConfigFactors {
  private ConfigFactors() {}

  /**
   * Reads the factors.
   *
   * @param own values of ours in the file
   * @throws org.longrope.eval.BadInputException if the rope type is none, or another table at each
   *     length
   */
  static FactorSet read(String name, ObjectNode config, FactorJson.Own own) {
    RopeGeometry rope = DecoderSpecReader.readRope(config, name);
    RopeScaling scaling = rope.scaling();
    int reach = rope.originalWindow();
    if (scaling instanceof RopeScaling.LongRope longRope) {
      Integer target = own.targetLength();
      return set(
          longRope.longFactors(),
          longRope.longAttention(),
          longRope.original(),
          target == null ? longRope.reach() : target,
          longRope.shortFactors(),
          own);
    }
    if (scaling instanceof RopeScaling.Default) {
      throw damaged(
          name,
          "this config.json has no rope_scaling, so its model was never extended; expected one of"
              + " type longrope, yarn, llama3 or linear");
    }
    if (scaling instanceof RopeScaling.Dynamic) {
      throw damaged(
          name,
          "its rope type dynamic has other factors at each length, and a factor file has one"
              + " vector; expected type longrope, yarn, llama3 or linear, or use --method"
              + " dynamic-ntk");
    }
    return set(
        new BaseTable(rope).own(reach),
        scaling.attentionFactor(),
        originalWindow(scaling, reach),
        reach,
        null,
        own);
  }

  /** Returns the window that the rope type extends, tokens. */
  private static int originalWindow(RopeScaling scaling, int reach) {
    if (scaling instanceof RopeScaling.Yarn yarn) {
      return yarn.original();
    }
    if (scaling instanceof RopeScaling.Llama3 llama) {
      return llama.original();
    }
    return scaling instanceof RopeScaling.Linear linear
        ? (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.round(reach / linear.factor())))
        : reach;
  }

  private static FactorSet set(
      RescaleFactors factors,
      double attention,
      int window,
      int target,
      @Nullable RescaleFactors shortFactors,
      FactorJson.Own own) {
    return new FactorSet(
        factors,
        own.startTokens(),
        attention,
        (double) target / window,
        window,
        shortFactors,
        own.attentionWindow(),
        own.provenance());
  }
}
