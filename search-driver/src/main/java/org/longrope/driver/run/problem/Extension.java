package org.longrope.driver.run.problem;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

/**
 * Extension that a model already has: the factors that it was fine-tuned with. A second search
 * extends it further, and its factors multiply these (arXiv 2402.13753, section 3.3).
 *
 * @param factors λ of the first extension
 * @param attentionFactor a of the first extension
 * @param length that the extended model reads, tokens
 */
public record Extension(RescaleFactors factors, double attentionFactor, int length) {

  /**
   * Reads the extension from a checkpoint's config.json; null for an original model.
   *
   * @param rope the checkpoint's rotation with its original window
   * @throws BadInputException if config.json has factors without a length
   */
  public static @Nullable Extension of(Checkpoint checkpoint, RopeGeometry rope) {
    if (!(rope.scaling() instanceof RopeScaling.LongRope own)) {
      return null;
    }
    Path config = checkpoint.directory().resolve("config.json");
    FactorSet set = FactorFile.read(config, warning -> {}).longest();
    set.requirePairs(rope.pairs(), config.toString());
    Integer length = set.targetLength();
    if (length == null || length <= rope.originalWindow()) {
      throw BadInputException.of(
          "%s has longrope factors without the length that they are for: expected 'factor' or"
              + " 'max_position_embeddings' beyond 'original_max_position_embeddings' in it.",
          config);
    }
    Double attention = set.attentionFactor();
    return new Extension(
        own.longFactors(), attention == null ? own.longAttention() : attention, length);
  }

  /** Returns the rotation that a second search starts from: its window is this length. */
  RopeGeometry rope(RopeGeometry original) {
    return original.withOriginalWindow(length);
  }

  /** Returns the rescaling of the original model that equals a second one of the extended model. */
  Rescaling compose(Rescaling second) {
    return new Rescaling(
        compose(second.factors()),
        second.startTokens(),
        attentionFactor * second.attentionFactor(),
        second.queryScales());
  }

  /** Returns the products of these factors and those of a second extension. */
  RescaleFactors compose(RescaleFactors second) {
    double[] product = new double[factors.pairs()];
    for (int i = 0; i < product.length; i++) {
      product[i] = factors.get(i) * second.get(i);
    }
    return RescaleFactors.of(product);
  }

  /** Returns factors of the original model divided by these: what a second extension multiplies. */
  RescaleFactors relativeTo(RescaleFactors whole) {
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
