package org.longrope.driver.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a step is, as a file says it.
 *
 * @param inputs what its numbers depend on, by option
 * @param inputsHash of all of them
 * @param result path of what it left
 * @param resultHash of that; empty until it is there
 * @param seconds that it took, those of broken runs not counted
 */
record StepRecord(
    State state,
    Map<String, String> inputs,
    String inputsHash,
    String result,
    String resultHash,
    double seconds) {
  static final int FORMAT_VERSION = 1;

  enum State {
    /** Not run yet. */
    PENDING,
    /** It may be running, or was broken off. */
    BEGUN,
    DONE,
    /** Made elsewhere. */
    HANDED_OFF;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  StepRecord {
    inputs = new TreeMap<>(inputs);
  }

  boolean finished() {
    return state == State.DONE || state == State.HANDED_OFF;
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("format_version", FORMAT_VERSION);
    json.put("state", state.toString());
    ObjectNode named = json.putObject("inputs");
    inputs.forEach(named::put);
    json.put("inputs_sha256", inputsHash);
    json.put("output", result);
    json.put("output_sha256", resultHash);
    json.put("seconds", seconds);
    return json;
  }

  /**
   * @throws IllegalArgumentException if the JSON is not as {@link #toJson} wrote it
   */
  static StepRecord fromJson(JsonNode json) {
    if (json.path("format_version").asInt() != FORMAT_VERSION) {
      throw new IllegalArgumentException("expected format_version " + FORMAT_VERSION);
    }
    Map<String, String> inputs = new TreeMap<>();
    json.path("inputs")
        .fields()
        .forEachRemaining(e -> inputs.put(e.getKey(), e.getValue().asText()));
    return new StepRecord(
        State.valueOf(json.path("state").asText().toUpperCase(Locale.ROOT).replace('-', '_')),
        inputs,
        json.path("inputs_sha256").asText(),
        json.path("output").asText(),
        json.path("output_sha256").asText(),
        json.path("seconds").asDouble());
  }
}
