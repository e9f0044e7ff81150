package org.longrope.driver.factors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.stream.Stream;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.family.TensorNames;

/**
 * Text of a model's config.json, which an export keeps with every key, known or not, and the
 * decoder that it describes.
 *
 * @param file where it lies
 * @param json its content, keys in the file's order
 * @param spec decoder of the content
 */
record ModelConfigText(StoredFile file, ObjectNode json, DecoderSpec spec) {
  private static final String TEXT_CONFIG = "text_config";

  static boolean looksLikeOne(JsonNode root) {
    return Stream.of("model_type", "architectures", "rope_scaling", "rope_parameters", TEXT_CONFIG)
        .anyMatch(root::has);
  }

  /**
   * Reads config.json of a model directory.
   *
   * @throws BadInputException if it is damaged, or describes a model that is not supported
   */
  static ModelConfigText read(StoredFile modelDirectory) {
    StoredFile file = modelDirectory.resolve("config.json");
    ObjectNode json = parse(file);
    DecoderSpec spec = DecoderSpecReader.read(json, file.toString(), TensorNames.UNKNOWN);
    return new ModelConfigText(file, json, spec);
  }

  /**
   * Reads the keys of a config.json.
   *
   * @throws BadInputException if it is no JSON object
   */
  static ObjectNode parse(StoredFile file) {
    try {
      if (FactorJson.parse(FactorFile.text(file, "the model's shape")) instanceof ObjectNode json) {
        return json;
      }
    } catch (JsonProcessingException e) {
      throw new BadInputException(
          "Cannot read " + file + ": it is not JSON; fetch the model's config.json again.", e);
    }
    throw BadInputException.of("Cannot read %s: expected a JSON object.", file);
  }

  /** Returns the object that holds the decoder's keys: text_config of a multimodal model. */
  static ObjectNode decoder(ObjectNode config) {
    return config.get(TEXT_CONFIG) instanceof ObjectNode text ? text : config;
  }

  /** Tells whether the decoder is a part of a larger model. */
  boolean isNested() {
    return decoder(json) != json;
  }

  BaseTable base() {
    return new BaseTable(spec.rope());
  }
}
