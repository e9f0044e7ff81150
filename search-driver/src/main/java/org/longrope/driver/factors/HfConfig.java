package org.longrope.driver.factors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.RescaleFactors;

/**
 * A model's config.json. Only the rotation is read: an export must keep every other key, known or
 * not.
 *
 * @param file where it lies
 * @param json its content, keys in the file's order
 */
record HfConfig(StoredFile file, ObjectNode json) {

  static boolean looksLikeOne(JsonNode root) {
    return Stream.of("model_type", "architectures", "rope_scaling", "rope_parameters")
        .anyMatch(root::has);
  }

  /** Reads config.json of a model directory. */
  static HfConfig read(StoredFile modelDirectory) {
    StoredFile file = modelDirectory.resolve("config.json");
    try {
      if (FactorJson.parse(FactorFile.text(file, "the model's shape")) instanceof ObjectNode json) {
        return new HfConfig(file, json);
      }
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "Cannot read " + file + ": it is not JSON; fetch the model's config.json again.", e);
    }
    throw BadInputException.of("Cannot read %s: expected a JSON object.", file);
  }

  /** Returns the model's family, such as llama; empty if absent. */
  String modelType() {
    return json.path("model_type").asText("");
  }

  /** Returns d/2 = head dimension × partial rotary factor / 2. */
  int rotaryPairs() {
    JsonNode partial = rotation("partial_rotary_factor");
    return (int) (headDimension() * (partial == null ? 1 : partial.asDouble())) / 2;
  }

  /** Returns head_dim if present, else hidden size / heads. */
  int headDimension() {
    return json.hasNonNull("head_dim")
        ? require("head_dim")
        : require("hidden_size") / require("num_attention_heads");
  }

  /**
   * Returns the longrope factors within the original window that the model came with. Null if it
   * has none, or if they are its long factors, which the user may choose instead.
   */
  @Nullable RescaleFactors shortFactors() {
    for (String key : List.of("rope_scaling", "rope_parameters")) {
      JsonNode rope = json.path(key);
      if (rope.path("short_factor").isArray()
          && !rope.get("short_factor").equals(rope.get("long_factor"))) {
        RescaleFactors factors = FactorJson.factors(file.toString(), rope, "short_factor");
        if (factors != null && factors.pairs() == rotaryPairs()) {
          return factors;
        }
      }
    }
    return null;
  }

  /** Returns original_max_position_embeddings if present, else max_position_embeddings; tokens. */
  int originalWindow() {
    String key = "original_max_position_embeddings";
    JsonNode inside = json.path("rope_scaling").get(key);
    JsonNode original = inside != null ? inside : rotation(key);
    return original != null && original.asInt() > 0
        ? original.asInt()
        : require("max_position_embeddings");
  }

  /**
   * Returns a value of the rotation, which version 5 of transformers moved into rope_parameters.
   */
  @Nullable JsonNode rotation(String key) {
    JsonNode inside = json.path("rope_parameters").get(key);
    JsonNode value = inside != null ? inside : json.get(key);
    return value == null || value.isNull() ? null : value;
  }

  private int require(String key) {
    int value = json.path(key).asInt(0);
    if (!(value > 0)) {
      throw BadInputException.of(
          "Cannot export for %s: %s is %s; expected a positive whole number.",
          file, key, json.path(key));
    }
    return value;
  }
}
