package org.longrope.eval.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import org.longrope.eval.BadInputException;

/**
 * Checked access to the fields of config.json or an object in it. A null counts as absent, as in
 * Hugging Face.
 *
 * @param node the object, or a missing node
 * @param where how messages name it
 */
record ConfigFields(JsonNode node, String where) {

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  JsonNode get(String field) {
    return node.path(field);
  }

  /** Returns the object in a field; without any fields where it is absent. */
  ConfigFields object(String field) {
    if (has(field) && !get(field).isObject()) {
      throw bad(field, "an object or null");
    }
    return new ConfigFields(get(field), field + " of " + where);
  }

  int count(String field, int most) {
    return whole(field, 1, most);
  }

  int count(String field, int most, int absent) {
    return has(field) ? count(field, most) : absent;
  }

  int whole(String field, int least, int most) {
    JsonNode value = get(field);
    boolean isLong = value.isIntegralNumber() && value.canConvertToLong();
    if (!(isLong && value.asLong() >= least && value.asLong() <= most)) {
      throw bad(field, "a whole number from " + least + " to " + most);
    }
    return (int) value.asLong();
  }

  double number(String field, double above, double below) {
    double value = get(field).isNumber() ? get(field).asDouble() : Double.NaN;
    if (!(value > above && value < below)) {
      throw bad(field, "a number above " + above + " and below " + below);
    }
    return value;
  }

  double number(String field, double above, double below, double absent) {
    return has(field) ? number(field, above, below) : absent;
  }

  boolean flag(String field) {
    if (has(field) && !get(field).isBoolean()) {
      throw bad(field, "true or false");
    }
    return get(field).asBoolean();
  }

  String text(String field, String absent) {
    if (has(field) && !get(field).isTextual()) {
      throw bad(field, "a text");
    }
    return has(field) ? get(field).asText() : absent;
  }

  BadInputException bad(String field, String expected) {
    return BadInputException.of(
        "%s in %s is %s: expected %s; take config.json as it was published with the weights.",
        field, where, StrictJson.brief(get(field)), expected);
  }
}
