package org.longrope.driver.run.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.Json;
import org.longrope.eval.rope.RopeScaling;

/** Scaling of a checkpoint's own config in run.json. */
final class ScalingJson {
  private static final String TYPE = "type";

  private ScalingJson() {}

  static ObjectNode write(RopeScaling scaling) {
    return Json.tree(scaling).put(TYPE, scaling.type());
  }

  /**
   * Reads what {@link #write} wrote; no scaling where there is nothing.
   *
   * @throws IllegalArgumentException if it is none
   */
  static RopeScaling read(@Nullable JsonNode json) {
    if (json == null || json.isNull() || json.isMissingNode()) {
      return RopeScaling.NONE;
    }
    return switch (json.path(TYPE).asText()) {
      case "linear" -> new RopeScaling.Linear(number(json, "factor"));
      case "dynamic" -> new RopeScaling.Dynamic(number(json, "factor"), whole(json, "window"));
      case "dynamic with alpha" -> new RopeScaling.Alpha(number(json, "alpha"));
      case "llama3" ->
          new RopeScaling.Llama3(
              number(json, "factor"),
              number(json, "low"),
              number(json, "high"),
              whole(json, "original"));
      case "yarn" ->
          new RopeScaling.Yarn(
              number(json, "factor"),
              number(json, "fast"),
              number(json, "slow"),
              json.path("truncate").asBoolean(),
              whole(json, "original"),
              number(json, "attention_factor"));
      default -> throw new IllegalArgumentException("rope_scaling is " + json);
    };
  }

  private static double number(JsonNode json, String field) {
    if (!(json.path(field).asDouble() > 0)) {
      throw new IllegalArgumentException(field + " of rope_scaling is " + json.path(field));
    }
    return json.path(field).asDouble();
  }

  private static int whole(JsonNode json, String field) {
    return (int) number(json, field);
  }
}
