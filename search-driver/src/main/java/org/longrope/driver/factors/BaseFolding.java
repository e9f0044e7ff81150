package org.longrope.driver.factors;

import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Conversion of factors that divide a model's own table into total ones, which replace it. An
 * engine reads longrope factors over b^(−2i/d), so that the model's rope type must be part of them.
 *
 * @param warnings receives a sentence for each thing that total factors cannot say
 */
record BaseFolding(ModelConfigText config, Consumer<String> warnings) {

  /** Returns total factors; the same where the model has no rope type of its own. */
  FactorFile fold(FactorFile sets) {
    BaseTable base = config.base();
    if (base.isPlain()) {
      return sets;
    }
    if (base.isOfOneLength()) {
      warnings.accept(
          String.format(
              Locale.ROOT,
              "The model's rope type dynamic has a table for each length of text, and longrope has"
                  + " one: that of %,d tokens is written for all texts beyond the original window.",
              sets.longest().targetLength()));
    }
    EngineLosses.startTokens(
        sets,
        ", and so does this program: the file's factors replace the model's rope type "
            + base.rope().scaling().type(),
        warnings);
    return sets.map(named -> fold(named.set()));
  }

  private FactorSet fold(FactorSet set) {
    BaseTable base = config.base();
    int target = Objects.requireNonNull(set.targetLength(), "settled");
    int window = Objects.requireNonNull(set.originalWindow(), "settled");
    RescaleFactors within = set.shortFactors();
    Integer startTokens = set.startTokens();
    return new FactorSet(
        base.total(set.factors(), target),
        // Start tokens keep the model's own frequencies, which total factors do not know.
        startTokens != null && startTokens > 1 ? (Integer) 0 : startTokens,
        EngineFactors.attention(set) * base.attentionFactor(),
        set.extensionRatio(),
        set.originalWindow(),
        within == null ? null : base.total(within, window),
        set.attentionWindow(),
        set.provenance(),
        set.queryScales());
  }
}
