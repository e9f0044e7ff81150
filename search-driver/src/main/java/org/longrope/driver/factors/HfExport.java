package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.Consumer;

/** A model's config.json with factors, for transformers 4 and 5 and the engines that read it. */
final class HfExport {
  private HfExport() {}

  /** Returns a copy of config.json with the factors; other keys are kept. */
  static ObjectNode extended(HfConfig config, EngineFactors factors, Consumer<String> warnings) {
    ObjectNode full = ropeScaling(factors);
    ObjectNode parameters = JsonNodeFactory.instance.objectNode();
    ObjectNode json = config.json().deepCopy();
    for (String key : List.of("rope_theta", "partial_rotary_factor")) {
      JsonNode value = config.rotation(key);
      if (value != null) {
        parameters.set(key, value);
        // Version 5 lets rope_scaling win over rope_parameters and then looks for these at the top,
        // as version 4 does; without them the base would silently fall back to 10,000.
        json.set(key, value);
      }
    }
    parameters.setAll(full);
    json.set("rope_scaling", config.modelType().equals("phi3") ? phi3(factors, warnings) : full);
    json.set("rope_parameters", parameters);
    // Version 4 gives an absent head_dim of a Mistral the value None, and fails on it.
    json.put("head_dim", config.headDimension());
    HfAttentionWindow.write(json, config.modelType(), factors.sets(), warnings);
    json.put("max_position_embeddings", factors.targetLength());
    json.put("original_max_position_embeddings", factors.originalWindow());
    json.set("longrope", FactorJson.own(factors.sets()));
    JsonNode folder = json.path("_name_or_path");
    if (!Provenance.withoutFolder(folder.asText()).equals(folder.asText())) {
      json.remove("_name_or_path");
    }
    return json;
  }

  private static ObjectNode ropeScaling(EngineFactors factors) {
    ObjectNode full = FactorJson.ropeScaling(factors.longest());
    full.remove("longrope");
    full.set("short_factor", FactorJson.list(factors.shortFactors()));
    if (!factors.isSu()) {
      // vLLM and SGLang pass over attention_factor and compute su, unless these say otherwise;
      // transformers only warns of unknown keys.
      full.put("short_mscale", factors.shortAttention());
      full.put("long_mscale", factors.longAttention());
    }
    return full;
  }

  /**
   * Returns the keys for Phi-3, whose check in version 4 rejects any other: the attention factor.
   */
  private static ObjectNode phi3(EngineFactors factors, Consumer<String> warnings) {
    double su = factors.su();
    double wanted = factors.longAttention();
    if (!EngineFactors.same(wanted, su)) {
      warnings.accept(
          String.format(
              "Phi-3's rope_scaling has no field for the attention factor: transformers computes su"
                  + " (%s) instead of %s; with version 5 delete rope_scaling from the written file,"
                  + " and rope_parameters is used.",
              su, wanted));
    }
    ObjectNode rope = JsonNodeFactory.instance.objectNode();
    rope.put("type", "longrope");
    rope.set("short_factor", FactorJson.list(factors.shortFactors()));
    rope.set("long_factor", FactorJson.list(factors.longest().factors()));
    return rope;
  }
}
