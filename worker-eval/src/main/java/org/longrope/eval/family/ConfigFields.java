package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.StrictJson;

/**
 * Checked access to the fields of config.json or of an object in it. It records which fields were
 * read, so that one that nobody read can be named.
 *
 * <p>A null is not an absent field: a family's default stands for absent fields alone.
 */
final class ConfigFields {
  private final JsonNode node;
  private final String where;
  private final Set<String> read = new HashSet<>();

  /**
   * Wraps an object.
   *
   * @param node the object, or a missing node
   * @param where name of it in messages
   */
  ConfigFields(JsonNode node, String where) {
    this.node = node;
    this.where = where;
  }

  JsonNode node() {
    return node;
  }

  String where() {
    return where;
  }

  /** Tells whether a field was read. */
  boolean wasRead(String field) {
    return read.contains(field);
  }

  /** Records that a field is known, and does not matter. */
  void ignore(String field) {
    read.add(field);
  }

  /** Tells whether a field is there, null or not. */
  boolean contains(String field) {
    read.add(field);
    return node.has(field);
  }

  /** Tells whether a field is there and not null. */
  boolean has(String field) {
    read.add(field);
    return node.hasNonNull(field);
  }

  JsonNode get(String field) {
    read.add(field);
    return node.path(field);
  }

  /** Returns the object in a field; without any fields where it is absent or null. */
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
    return contains(field) ? count(field, most) : absent;
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
    return contains(field) ? number(field, above, below) : absent;
  }

  /** Tells whether a value is a list of whole numbers. */
  static boolean isListOfWhole(JsonNode value) {
    return value.isArray()
        && StreamSupport.stream(value.spliterator(), false).allMatch(JsonNode::isInt);
  }

  /** Returns a positive number. */
  double positive(String field) {
    return number(field, 0, Double.POSITIVE_INFINITY);
  }

  double positive(String field, double absent) {
    return contains(field) ? positive(field) : absent;
  }

  /** Returns a positive number of a field in which null counts as absent. */
  double positiveUnlessNull(String field, double absent) {
    return has(field) ? positive(field) : absent;
  }

  /** Returns a positive number; null if the field is null, and the default if it is absent. */
  @Nullable Double positiveOrNull(String field, @Nullable Double absent) {
    if (!contains(field)) {
      return absent;
    }
    return get(field).isNull() ? null : (Double) positive(field);
  }

  /** Returns a flag; null is false. */
  boolean flag(String field, boolean absent) {
    if (!contains(field)) {
      return absent;
    }
    if (!get(field).isBoolean() && !get(field).isNull()) {
      throw bad(field, "true or false");
    }
    return get(field).asBoolean();
  }

  String text(String field, String absent) {
    if (!contains(field)) {
      return absent;
    }
    if (!get(field).isTextual()) {
      throw bad(field, "a text");
    }
    return get(field).asText();
  }

  BadInputException bad(String field, String expected) {
    return BadInputException.of(
        "%s in %s is %s: expected %s; take config.json as it was published with the weights.",
        field, where, StrictJson.brief(get(field)), expected);
  }
}
