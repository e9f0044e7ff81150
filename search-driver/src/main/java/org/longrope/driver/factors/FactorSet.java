package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Rescale factors as a file holds them: λ always, the rest only where the format has it. An absent
 * value is null; the reader of the value decides its default.
 *
 * @param factors λ for texts longer than the original window, one for each rotated pair
 * @param startTokens n̂, 0 or more
 * @param attentionFactor a, positive; absent means the su formula to Hugging Face
 * @param extensionRatio s = target length / original window, positive
 * @param originalWindow tokens
 * @param shortFactors λ within the original window; absent means 1 for all pairs
 * @param attentionWindow that the factors were found with
 * @param provenance how the factors were found, a JSON object
 * @param queryScales exp(ψ), to be applied with the factors; none where the model's weights contain
 *     them
 */
public record FactorSet(
    RescaleFactors factors,
    @Nullable Integer startTokens,
    @Nullable Double attentionFactor,
    @Nullable Double extensionRatio,
    @Nullable Integer originalWindow,
    @Nullable RescaleFactors shortFactors,
    @Nullable AttentionWindow attentionWindow,
    @Nullable JsonNode provenance,
    QueryScales queryScales)
    implements Serializable {

  public FactorSet {
    if (startTokens != null && !(startTokens >= 0)) {
      throw new IllegalArgumentException(
          "Cannot keep " + startTokens + " start tokens: expected 0 or more");
    }
    requirePositive("attention factor", attentionFactor);
    requirePositive("extension ratio", extensionRatio);
    requirePositive("original window", originalWindow);
    if (extensionRatio != null
        && originalWindow != null
        && !(extensionRatio * originalWindow <= Integer.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "Cannot extend " + originalWindow + " tokens " + extensionRatio + " times: too long");
    }
    if (shortFactors != null && shortFactors.pairs() != factors.pairs()) {
      throw new IllegalArgumentException(
          "Cannot pair "
              + factors.pairs()
              + " long factors with "
              + shortFactors.pairs()
              + " short ones");
    }
    if (!queryScales.isNone() && queryScales.pairs() != factors.pairs()) {
      throw new IllegalArgumentException(
          "Cannot join factors of %d pairs and query scales of %d"
              .formatted(factors.pairs(), queryScales.pairs()));
    }
  }

  /** Makes factors that leave the queries as they are. */
  public FactorSet(
      RescaleFactors factors,
      @Nullable Integer startTokens,
      @Nullable Double attentionFactor,
      @Nullable Double extensionRatio,
      @Nullable Integer originalWindow,
      @Nullable RescaleFactors shortFactors,
      @Nullable AttentionWindow attentionWindow,
      @Nullable JsonNode provenance) {
    this(
        factors,
        startTokens,
        attentionFactor,
        extensionRatio,
        originalWindow,
        shortFactors,
        attentionWindow,
        provenance,
        QueryScales.NONE);
  }

  /** Returns factors for a model and a target length (tokens), without an attention window. */
  public static FactorSet of(
      Rescaling found, RopeGeometry rope, int targetLength, @Nullable JsonNode provenance) {
    return new FactorSet(
        found.factors(),
        found.startTokens(),
        found.attentionFactor(),
        // Below 1 for a length within the window, which is then what they are for.
        (double) targetLength / rope.originalWindow(),
        rope.originalWindow(),
        RescaleFactors.uniform(found.factors().pairs(), 1),
        null,
        provenance,
        found.queryScales());
  }

  /** Returns factors without other values, as a CSV row holds them. */
  public static FactorSet of(RescaleFactors factors) {
    return new FactorSet(factors, null, null, null, null, null, null, null);
  }

  /**
   * Returns a copy with lengths.
   *
   * @param window original window, tokens
   * @param ratio extension ratio
   */
  FactorSet withLengths(int window, double ratio) {
    return new FactorSet(
        factors,
        startTokens,
        attentionFactor,
        ratio,
        window,
        shortFactors,
        attentionWindow,
        provenance,
        queryScales);
  }

  FactorSet withAttentionFactor(double attention) {
    return new FactorSet(
        factors,
        startTokens,
        attention,
        extensionRatio,
        originalWindow,
        shortFactors,
        attentionWindow,
        provenance,
        queryScales);
  }

  /** Returns what factors over b^(−2i/d) are over a model's own table. */
  public FactorSet relativeTo(RopeGeometry rope) {
    BaseTable base = new BaseTable(rope);
    if (base.isPlain()) {
      return this;
    }
    Integer target = targetLength();
    return new FactorSet(
        base.relative(factors, target == null ? rope.originalWindow() : target),
        startTokens,
        attentionFactor == null ? null : (Double) (attentionFactor / base.attentionFactor()),
        extensionRatio,
        originalWindow,
        shortFactors == null ? null : base.relative(shortFactors, rope.originalWindow()),
        attentionWindow,
        provenance,
        queryScales);
  }

  /** Returns a copy with the attention window that the factors were found with. */
  public FactorSet withAttentionWindow(AttentionWindow window) {
    return new FactorSet(
        factors,
        startTokens,
        attentionFactor,
        extensionRatio,
        originalWindow,
        shortFactors,
        window,
        provenance,
        queryScales);
  }

  /** Returns a copy with other query scales. */
  public FactorSet withQueryScales(QueryScales scales) {
    return new FactorSet(
        factors,
        startTokens,
        attentionFactor,
        extensionRatio,
        originalWindow,
        shortFactors,
        attentionWindow,
        provenance,
        scales);
  }

  /** Tells whether a model reads with these factors as without any. */
  public boolean rescalesNothing() {
    return factors.toList().stream().allMatch(lambda -> lambda == 1)
        && attentionFactor != null
        && attentionFactor == 1
        && Arrays.stream(queryScales.millionths()).allMatch(log -> log == 0);
  }

  /** Returns s times the original window, in tokens; null if either is absent. */
  public @Nullable Integer targetLength() {
    return extensionRatio == null || originalWindow == null
        ? null
        : Math.toIntExact(Math.round(extensionRatio * originalWindow));
  }

  /** Returns the factors within the original window, 1 where the file had none. */
  public RescaleFactors shortFactorsOrOnes() {
    return shortFactors != null ? shortFactors : RescaleFactors.uniform(factors.pairs(), 1);
  }

  /**
   * Checks that there is one factor for each rotated pair of a model.
   *
   * @param pairs rotary dimension / 2
   * @param name the factors' file, for the message
   * @throws BadInputException if the counts differ
   */
  public void requirePairs(int pairs, String name) {
    if (factors.pairs() != pairs) {
      throw BadInputException.of(
          "Factors in %s don't fit the model: the file has %d, the model rotates %d pairs"
              + " (rotary dimension / 2); use factors that were found for this model.",
          name, factors.pairs(), pairs);
    }
  }

  /**
   * Checks that there is one factor for each rotated pair of a model, and that query scales have as
   * many layers and heads as the model, or one for all.
   *
   * @param name the factors' file, for the message
   * @throws BadInputException if the counts differ
   */
  public void requireFit(DecoderSpec model, String name) {
    requirePairs(model.rope().pairs(), name);
    int heads = model.attention().heads();
    if (!queryScales.fits(model.layerCount(), heads, model.rope().pairs())) {
      throw BadInputException.of(
          "Query scales in %s don't fit the model: the file has %d layers of %d heads, the model %d"
              + " layers of %d query heads; use factors that were found for this model.",
          name, queryScales.layers(), queryScales.heads(), model.layerCount(), heads);
    }
  }

  private static void requirePositive(String what, @Nullable Number value) {
    if (value != null && !(value.doubleValue() > 0 && Double.isFinite(value.doubleValue()))) {
      throw new IllegalArgumentException(
          "Cannot use " + what + " " + value + ": expected a positive number");
    }
  }
}
