package org.longrope.driver.factors;

import static org.longrope.driver.factors.FactorFile.damaged;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import org.longrope.eval.PackedNumbers;
import org.longrope.eval.Sha256;
import org.longrope.eval.rope.QueryScales;

/**
 * Query scales as JSON: the section {@code query_scales} of the {@code longrope} object. A file
 * with it has a rope type of its own, which readers without query scales refuse.
 */
final class QueryScalesJson {
  static final String KEY = "query_scales";

  /** Key of the scales that an export has multiplied into the weights. */
  static final String FOLDED = "folded_query_scales";

  private static final String WITH_SCALES = "longrope_query_scales";
  private static final String LAYERS = "layers";
  private static final String HEADS = "heads";
  private static final String SCALES = "scales";

  /** Digits that read back to the same millionth of ψ with a reserve of two. */
  private static final MathContext DIGITS = new MathContext(9);

  private QueryScalesJson() {}

  /** Returns the rope type of a set with these scales. */
  static String ropeType(QueryScales scales) {
    return scales.isNone() ? "longrope" : WITH_SCALES;
  }

  /** Tells whether factors of a rope type are lists. */
  static boolean isLongRope(String type) {
    return type.equals("longrope") || type.equals("su") || type.equals(WITH_SCALES);
  }

  /** Prints all scales. */
  static ObjectNode section(QueryScales scales) {
    ObjectNode section = JsonNodeFactory.instance.objectNode();
    section.put(LAYERS, scales.layers()).put(HEADS, scales.heads());
    ArrayNode list = section.putArray(SCALES);
    for (double scale : scales.toArray()) {
      list.add(new BigDecimal(scale).round(DIGITS).doubleValue());
    }
    return section;
  }

  /** Summarises scales: shape, root mean square of ψ, and SHA-256 of ψ in whole millionths. */
  static ObjectNode summary(QueryScales scales) {
    double square = Arrays.stream(scales.logs()).map(log -> log * log).average().orElse(0);
    ObjectNode summary = JsonNodeFactory.instance.objectNode();
    summary.put(LAYERS, scales.layers()).put(HEADS, scales.heads()).put("pairs", scales.pairs());
    summary.put("rms_log", Math.sqrt(square));
    return summary.put("sha256", new Sha256().add(PackedNumbers.bytes(scales.millionths())).hex());
  }

  /**
   * Reads the scales of a factors.json.
   *
   * @param pairs rotary dimension / 2
   * @param config whether the root is that of a model's config.json
   */
  static QueryScales read(String name, JsonNode root, int pairs, boolean config) {
    JsonNode section = root.path("longrope").path(KEY);
    boolean expected = !config && root.path("rope_type").asText().equals(WITH_SCALES);
    if (section.isMissingNode() && !expected) {
      return QueryScales.NONE;
    }
    if (!expected) {
      throw damaged(
          name,
          "it has longrope."
              + KEY
              + " and rope_type "
              + root.path("rope_type")
              + "; expected \""
              + WITH_SCALES
              + "\", as exported");
    }
    if (!section.isObject()) {
      throw damaged(
          name,
          "rope_type is \""
              + WITH_SCALES
              + "\" and longrope."
              + KEY
              + " is no object; expected its layers, heads and scales");
    }
    int layers = count(name, section, LAYERS);
    int heads = count(name, section, HEADS);
    JsonNode list = section.path(SCALES);
    long size = (long) layers * heads * pairs;
    if (!list.isArray() || list.size() != size) {
      throw damaged(
          name,
          String.format(
              "%s.scales %s; expected layers × heads × pairs = %d × %d × %d numbers",
              KEY,
              list.isArray() ? "has " + list.size() + " numbers" : "is no list",
              layers,
              heads,
              pairs));
    }
    return QueryScales.of(layers, heads, pairs, scales(name, list));
  }

  private static double[] scales(String name, JsonNode list) {
    double[] scales = new double[list.size()];
    for (int i = 0; i < scales.length; i++) {
      JsonNode value = list.get(i);
      scales[i] = value.isNumber() ? value.asDouble() : Double.NaN;
      if (!(scales[i] >= 1e-3 && scales[i] <= 1e3)) {
        throw damaged(
            name,
            KEY + ".scales[" + i + "] is " + value + "; expected a number from 0.001 to 1000");
      }
    }
    return scales;
  }

  private static int count(String name, JsonNode section, String key) {
    JsonNode value = section.path(key);
    if (!value.isInt() || value.asInt() < 1) {
      throw damaged(
          name,
          KEY
              + "."
              + key
              + " is "
              + (value.isMissingNode() ? "missing" : value)
              + "; expected a whole number from 1");
    }
    return value.asInt();
  }

  /**
   * Rejects a config.json with scales to be applied: an exported model has them in its weights.
   *
   * @throws org.longrope.eval.BadInputException if it has some
   */
  static void refuseInConfig(String name, JsonNode root) {
    if (root.path("longrope").has(KEY)) {
      throw damaged(
          name,
          "this config.json has longrope."
              + KEY
              + ", which only a factors.json can have; expected an exported model's config.json,"
              + " whose weights contain the scales");
    }
  }
}
