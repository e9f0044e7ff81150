package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** Fields of a JSON object, where an absent key and a null are told apart on demand. */
class ReferenceFields {
  final ObjectNode json;

  ReferenceFields(ObjectNode json) {
    this.json = json;
  }

  /** Returns whether the key is there, be it with a null. */
  boolean has(String key) {
    return json.has(key);
  }

  /** Returns whether the key is there and not null. */
  boolean given(String key) {
    return json.hasNonNull(key);
  }

  /** Returns the number, or the fallback for an absent key or a null. */
  double number(String key, double fallback) {
    return given(key) ? number(key) : fallback;
  }

  double number(String key) {
    JsonNode value = json.get(key);
    if (value == null || !value.isNumber()) {
      throw new IllegalArgumentException("Expected a number as " + key + ", not " + value);
    }
    return value.doubleValue();
  }

  /** Returns the number, null for a null, or the fallback for an absent key. */
  @Nullable Double nullable(String key, @Nullable Double absent) {
    if (!has(key)) {
      return absent;
    }
    return given(key) ? (Double) number(key) : null;
  }

  int integer(String key, int fallback) {
    return (int) number(key, fallback);
  }

  int integer(String key) {
    return (int) number(key);
  }

  boolean flag(String key, boolean fallback) {
    return given(key) ? json.get(key).booleanValue() : fallback;
  }

  String text(String key, String fallback) {
    return given(key) ? json.get(key).textValue() : fallback;
  }

  double[] numbers(String key) {
    double[] values = new double[json.path(key).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = json.get(key).get(i).doubleValue();
    }
    return values;
  }
}
