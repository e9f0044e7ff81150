package org.longrope.driver.run.problem;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.FactorFiles;
import org.longrope.driver.factors.FactorSet;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/**
 * How a model was extended before: the factors that it was fine-tuned with. A second search extends
 * it further, and its factors multiply these (arXiv 2402.13753, section 3.3).
 *
 * @param factors λ of the first extension
 * @param attentionFactor a of the first extension
 * @param length that it reaches, tokens
 */
public record Extension(RescaleFactors factors, double attentionFactor, int length) {

  /**
   * What a checkpoint's config.json says; null for an original model.
   *
   * @throws BadInputException if it does not say how far the model was extended
   */
  public static @Nullable Extension of(Checkpoint checkpoint) {
    if (!checkpoint.isExtended()) {
      return null;
    }
    Path config = checkpoint.directory().resolve("config.json");
    RopeGeometry rope = checkpoint.config().rope();
    FactorSet set = FactorFiles.read(config, warning -> {});
    set.requirePairs(rope.pairs(), config.toString());
    Integer length = set.targetLength();
    if (length == null || length <= rope.originalWindow()) {
      throw BadInputException.of(
          "%s has longrope factors and does not say for how many tokens: expected 'factor' or"
              + " 'max_position_embeddings' beyond 'original_max_position_embeddings' in it.",
          config);
    }
    Double attention = set.attentionFactor();
    return new Extension(
        set.factors(),
        attention == null ? AttentionFactor.SU.value(rope, length) : attention,
        length);
  }

  /** The extended model's rotation as a second search sees it: its window is what it reaches. */
  RopeGeometry rope(RopeGeometry original) {
    return new RopeGeometry(original.rotaryDimension(), original.base(), length);
  }

  /** What it comes to if the extended model is rescaled so. */
  Rescaling then(Rescaling second) {
    return new Rescaling(
        then(second.factors()), second.startTokens(), attentionFactor * second.attentionFactor());
  }

  RescaleFactors then(RescaleFactors second) {
    double[] product = new double[factors.pairs()];
    for (int i = 0; i < product.length; i++) {
      product[i] = factors.get(i) * second.get(i);
    }
    return RescaleFactors.of(product);
  }

  /** What multiplied by these factors comes to the given ones. */
  RescaleFactors before(RescaleFactors whole) {
    double[] quotient = new double[factors.pairs()];
    for (int i = 0; i < quotient.length; i++) {
      quotient[i] = whole.get(i) / factors.get(i);
    }
    return RescaleFactors.of(quotient);
  }

  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    factors.toList().forEach(json.putArray("rescale_factors")::add);
    json.put("attention_factor", attentionFactor);
    json.put("length", length);
    return json;
  }

  public static @Nullable Extension fromJson(JsonNode json) {
    if (!json.isObject()) {
      return null;
    }
    List<Double> lambda = new ArrayList<>();
    json.path("rescale_factors").forEach(factor -> lambda.add(factor.asDouble()));
    return new Extension(
        RescaleFactors.of(lambda),
        json.path("attention_factor").asDouble(),
        json.path("length").asInt());
  }
}
