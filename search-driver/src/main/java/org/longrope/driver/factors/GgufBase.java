package org.longrope.driver.factors;

import java.util.function.Consumer;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Conversion of factors over the frequencies of a GGUF's model, whose rope_freqs.weight divides
 * b^(−2i/d), into factors that replace that tensor.
 *
 * @param warnings receives a sentence for each thing that the result cannot say
 */
record GgufBase(GgufModel model, FactorFile factors, Consumer<String> warnings) {
  private static final double TOLERANCE = 1e-3;

  /** Returns factors that contain rope_freqs; the same where there are none. */
  FactorFile folded() {
    double[] own = model.frequencyFactors();
    if (own == null) {
      return factors;
    }
    EngineLosses.startTokens(
        factors,
        ", and so does this program: the file's factors replace the model's "
            + GgufModel.FREQUENCIES,
        warnings);
    return new FactorFile(
        factors.sets().stream()
            .map(
                named ->
                    named.total()
                        ? named
                        : new FactorFile.Named(named.name(), folded(named.set(), own)))
            .toList());
  }

  private static FactorSet folded(FactorSet set, double[] own) {
    Integer startTokens = set.startTokens();
    return new FactorSet(
        product(set.factors(), own),
        // Start tokens keep the model's own frequencies, which total factors do not know.
        startTokens != null && startTokens > 1 ? (Integer) 0 : startTokens,
        set.attentionFactor(),
        set.extensionRatio(),
        set.originalWindow(),
        product(set.shortFactorsOrOnes(), own),
        set.attentionWindow(),
        set.provenance(),
        set.queryScales());
  }

  private static RescaleFactors product(RescaleFactors factors, double[] own) {
    double[] product = factors.toArray();
    for (int i = 0; i < product.length; i++) {
      product[i] *= own[i];
    }
    return RescaleFactors.of(product);
  }

  /**
   * Checks that a config.json describes the file's model.
   *
   * @throws BadInputException if shape or rotation differ
   */
  void requireSame(ModelConfigText config) {
    DecoderSpec spec = config.spec();
    String architecture = GgufExport.architecture(config);
    boolean same =
        architecture.equals(model.architecture())
            && spec.layerCount() == model.layers()
            && spec.attention().heads() == model.heads()
            && spec.attention().keyWidth() == model.keyWidth()
            && spec.rope().pairs() == model.pairs();
    if (!same) {
      throw BadInputException.of(
          "%s is no model as in %s: expected %d layers of %d heads and %d pairs of architecture %s,"
              + " found %d, %d, %d and %s; give the --model that it was converted from, or none.",
          model.name(),
          config.file(),
          spec.layerCount(),
          spec.attention().heads(),
          spec.rope().pairs(),
          architecture,
          model.layers(),
          model.heads(),
          model.pairs(),
          model.architecture());
    }
    double[] own = model.frequencyFactors();
    if (own != null) {
      RescaleFactors expected = config.base().own(spec.rope().originalWindow());
      for (int i = 0; i < own.length; i++) {
        if (Math.abs(own[i] - expected.get(i)) > TOLERANCE * own[i]) {
          throw BadInputException.of(
              "%s of %s and the rope type %s of %s disagree at pair %d (%.6g and %.6g): give the"
                  + " --model that it was converted from, or none.",
              GgufModel.FREQUENCIES,
              model.name(),
              spec.rope().scaling().type(),
              config.file(),
              i,
              own[i],
              expected.get(i));
        }
      }
    }
  }
}
