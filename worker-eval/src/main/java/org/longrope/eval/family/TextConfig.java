package org.longrope.eval.family;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.longrope.eval.BadInputException;

/** Decoder's part of a config.json: all of it, or text_config of a multimodal model. */
final class TextConfig {
  /** Families of the decoders of multimodal types, where text_config does not name one. */
  private static final Map<String, String> MULTIMODAL =
      Map.of("gemma3", "gemma3_text", "mistral3", "mistral");

  private TextConfig() {}

  static ConfigFields of(ObjectNode json, String where) {
    String type = json.path("model_type").asText("");
    String decoder = MULTIMODAL.get(type);
    if (decoder == null) {
      return new ConfigFields(json, where);
    }
    if (!(json.get("text_config") instanceof ObjectNode text)) {
      throw BadInputException.of(
          "No text_config in %s: expected it for model_type %s; take config.json as it was published"
              + " with the weights.",
          where, type);
    }
    ObjectNode own = text.deepCopy();
    if (!own.hasNonNull("model_type")) {
      own.put("model_type", decoder);
    }
    // The whole model ties by default, whatever the decoder's family does.
    own.put("tie_word_embeddings", json.path("tie_word_embeddings").asBoolean(true));
    return new ConfigFields(own, "text_config of " + where);
  }
}
