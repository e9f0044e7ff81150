package org.longrope.driver.factors;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.AttentionSpec.PositionScale;
import org.longrope.eval.family.DecoderSpec;

/**
 * Limits of what a config.json can say of two sets of factors, in families that use its fields for
 * other things too.
 *
 * @param longAlone reason for which one set must hold at all lengths; null: there may be two
 * @param switchAt number of tokens up to which the short factors hold
 */
record HfLimits(@Nullable String longAlone, int switchAt) {
  static final String PHI_EXPERTS = "phimoe";

  /**
   * Returns the limits of a model.
   *
   * @param window original window of the factors, tokens
   */
  static HfLimits of(FactorExport.Format format, DecoderSpec spec, int window) {
    if (format != FactorExport.Format.HF) {
      return new HfLimits(null, window);
    }
    if (spec.modelType().equals(PHI_EXPERTS)) {
      return new HfLimits("transformers reads a phimoe with short_factor at every length", window);
    }
    PositionScale growth = spec.attention().positionScale();
    return growth == null || growth.original() == window
        ? new HfLimits(null, window)
        : new HfLimits(
            String.format(
                "the queries of a %s grow from original_max_position_embeddings %d, so that it"
                    + " cannot also be the window of %d tokens after which factors change",
                spec.modelType(), growth.original(), window),
            growth.original());
  }

  /**
   * Returns the choice of one set for all lengths, with a warning.
   *
   * @throws BadInputException if another was requested
   */
  ShortFactors longAlone(@Nullable ShortFactors requested, Consumer<String> warnings) {
    String why = Objects.requireNonNull(longAlone, "there may be two sets");
    if (requested != null && requested != ShortFactors.LONG) {
      throw BadInputException.of(
          "Cannot export --short-factors %s: %s; choose --short-factors long.", requested, why);
    }
    if (requested == null) {
      warnings.accept(
          "The long factors are written for all lengths (--short-factors long), because "
              + why
              + ".");
    }
    return ShortFactors.LONG;
  }
}
