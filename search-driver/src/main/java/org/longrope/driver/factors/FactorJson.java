package org.longrope.driver.factors;

import static org.longrope.driver.factors.FactorFile.EXPECTED;
import static org.longrope.driver.factors.FactorFile.damaged;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Json;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.family.DecoderSpecReader;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Factors as JSON: the {@code rope_scaling} object of Hugging Face transformers (type longrope,
 * modeling_rope_utils.py) and our {@code longrope} object in it.
 */
final class FactorJson {
  /** A file cut off after a whole object, or two run together, must not pass as the first one. */
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private FactorJson() {}

  static JsonNode parse(String text) throws JsonProcessingException {
    return MAPPER.readTree(text);
  }

  /** Prints a node; equal values give equal bytes. */
  static String print(JsonNode node) {
    return Json.pretty(node);
  }

  /** Returns the content of factors.json for a set. */
  static ObjectNode ropeScaling(FactorSet set) {
    ObjectNode rope = JsonNodeFactory.instance.objectNode();
    rope.put("rope_type", QueryScalesJson.ropeType(set.queryScales()));
    rope.set("long_factor", list(set.factors()));
    rope.set("short_factor", list(set.shortFactorsOrOnes()));
    // Doubles print with their point: transformers complains of an integer factor.
    if (set.extensionRatio() != null) {
      rope.put("factor", set.extensionRatio());
    }
    if (set.attentionFactor() != null) {
      rope.put("attention_factor", set.attentionFactor());
    }
    if (set.originalWindow() != null) {
      rope.put("original_max_position_embeddings", set.originalWindow());
    }
    rope.set("longrope", own(set));
    return rope;
  }

  /** Returns the values for which Hugging Face has no field. */
  static ObjectNode own(FactorSet set) {
    ObjectNode own = JsonNodeFactory.instance.objectNode();
    if (set.startTokens() != null) {
      own.put("start_tokens", set.startTokens());
    }
    Integer targetLength = set.targetLength();
    if (targetLength != null) {
      own.put("target_length", targetLength);
    }
    AttentionWindow window = set.attentionWindow();
    if (window != null) {
      own.set(
          "attention_window",
          window.keys() > 0 ? IntNode.valueOf(window.keys()) : TextNode.valueOf(window.toString()));
    }
    if (!set.queryScales().isNone()) {
      own.set(QueryScalesJson.KEY, QueryScalesJson.section(set.queryScales()));
    }
    if (set.provenance() != null) {
      own.set("provenance", Provenance.published(set.provenance()));
    }
    return own;
  }

  /** Returns the values for which Hugging Face has no field, with every set of a table. */
  static ObjectNode own(FactorFile sets) {
    ObjectNode own = own(sets.longest());
    if (sets.isTable()) {
      for (FactorFile.Named named : sets.sets()) {
        ObjectNode entry = ropeScaling(named.set());
        // Within the window another entry holds.
        entry.remove("short_factor");
        own.withArray("table").add(entry);
      }
    }
    return own;
  }

  static ArrayNode list(RescaleFactors factors) {
    ArrayNode list = JsonNodeFactory.instance.arrayNode();
    factors.toList().forEach(list::add);
    return list;
  }

  static FactorFile read(String name, String content) {
    try {
      return readSets(name, parse(content));
    } catch (JsonProcessingException e) {
      String[] lines = String.valueOf(e.getMessage()).split("\n", 2);
      throw damaged(name, "it starts like JSON but is not (" + lines[0] + "); " + EXPECTED, e);
    }
  }

  /** Reads factors.json or a config.json, which may hold a table. */
  private static FactorFile readSets(String name, JsonNode root) {
    FactorSet longest = read(name, root);
    boolean total = isConfig(root);
    JsonNode table = root.path("longrope").path("table");
    if (table.isMissingNode() || table.isNull()) {
      return new FactorFile(List.of(new FactorFile.Named(name, longest, total)));
    }
    if (!table.isArray() || table.size() < 2) {
      throw damaged(
          name, "longrope.table is no list of two or more sets; expected one as exported");
    }
    List<FactorFile.Named> entries = new ArrayList<>();
    for (int i = 0; i < table.size(); i++) {
      String place = name + ", longrope.table[" + i + "]";
      FactorSet set = read(place, table.get(i));
      if (set.factors().pairs() != longest.factors().pairs()) {
        throw damaged(
            place,
            String.format(
                "long_factor has %d numbers and that of the whole file %d; expected the same count",
                set.factors().pairs(), longest.factors().pairs()));
      }
      Integer length = set.targetLength();
      entries.add(
          new FactorFile.Named(
              length == null ? place : name + " up to " + length + " tokens", set, total));
    }
    FactorFile sets = new FactorFile(entries);
    if (!sets.longest().factors().equals(longest.factors())) {
      throw damaged(
          name,
          "long_factor is not the longest set of longrope.table; expected both as exported, remove"
              + " the table if long_factor was changed on purpose");
    }
    return sets;
  }

  private static FactorSet read(String name, JsonNode root) {
    boolean config = isConfig(root);
    if (config) {
      QueryScalesJson.refuseInConfig(name, root);
    }
    return config && isWhole(root)
        ? ConfigFactors.read(name, (ObjectNode) root, own(name, root))
        : listed(name, root, config);
  }

  private static boolean isConfig(JsonNode root) {
    return !root.has("long_factor") && ModelConfigText.looksLikeOne(root);
  }

  /** Tells whether a config.json is that of a supported model, and has what decides on factors. */
  private static boolean isWhole(JsonNode root) {
    return root.path("text_config").isObject()
        || (root.has("hidden_size")
            && DecoderSpecReader.supportedTypes().contains(root.path("model_type").asText()));
  }

  /** Reads lists of factors, of a factors.json or of a model that is not supported. */
  private static FactorSet listed(String name, JsonNode root, boolean config) {
    JsonNode rope = config ? ropeOf(name, root) : root;
    requireLongRope(name, rope, config);
    RescaleFactors longFactors = factors(name, rope, "long_factor");
    if (longFactors == null) {
      throw damaged(name, "it has no long_factor; expected a list of rotary dimension / 2 numbers");
    }
    RescaleFactors shortFactors = factors(name, rope, "short_factor");
    if (shortFactors != null && shortFactors.pairs() != longFactors.pairs()) {
      throw damaged(
          name,
          String.format(
              "long_factor has %d numbers and short_factor %d; expected the same count, rotary"
                  + " dimension / 2",
              longFactors.pairs(), shortFactors.pairs()));
    }
    Own own = own(name, root);
    Integer window = integer(name, rope, "original_max_position_embeddings", 1);
    Integer target = own.targetLength();
    if (config) {
      Integer positions = integer(name, root, "max_position_embeddings", 1);
      window = firstOf(window, integer(name, root, "original_max_position_embeddings", 1));
      // Without an original window transformers takes the model's own positions for it.
      window = firstOf(window, positions);
      target = firstOf(target, positions);
    }
    Double ratio = number(name, rope, "factor");
    if (ratio == null && window != null && target != null) {
      ratio = (double) target / window;
    }
    if (ratio != null && window != null && !(ratio * window <= Integer.MAX_VALUE)) {
      throw damaged(
          name,
          "factor "
              + ratio
              + " times "
              + window
              + " tokens is no usable length; expected a factor"
              + " of target length / original_max_position_embeddings");
    }
    return new FactorSet(
        longFactors,
        own.startTokens(),
        number(name, rope, "attention_factor"),
        ratio,
        window,
        shortFactors,
        own.attentionWindow(),
        own.provenance(),
        QueryScalesJson.read(name, root, longFactors.pairs(), config));
  }

  /** Values for which Hugging Face has no field. */
  record Own(
      @Nullable Integer startTokens,
      @Nullable Integer targetLength,
      @Nullable AttentionWindow attentionWindow,
      @Nullable JsonNode provenance) {}

  private static Own own(String name, JsonNode root) {
    JsonNode own = root.path("longrope");
    JsonNode provenance = own.get("provenance");
    return new Own(
        integer(name, own, "start_tokens", 0),
        integer(name, own, "target_length", 1),
        attentionWindow(name, own),
        provenance == null || provenance.isNull() ? null : provenance);
  }

  private static JsonNode ropeOf(String name, JsonNode config) {
    for (String key : List.of("rope_parameters", "rope_scaling")) {
      if (config.path(key).has("long_factor")) {
        return config.path(key);
      }
    }
    for (String key : List.of("rope_scaling", "rope_parameters")) {
      if (config.path(key).isObject()) {
        return config.path(key);
      }
    }
    throw damaged(
        name,
        "this config.json has no rope_scaling, so its model was never extended; expected one of"
            + " type longrope, yarn, llama3 or linear");
  }

  private static void requireLongRope(String name, JsonNode rope, boolean config) {
    JsonNode type = rope.hasNonNull("rope_type") ? rope.get("rope_type") : rope.get("type");
    if (type == null || type.isNull()) {
      throw damaged(
          name,
          config
              ? "its rope_scaling has no rope_type; expected \"longrope\""
              : "it has neither rope_type nor rope_scaling; expected a factors.json with rope_type"
                  + " \"longrope\" and long_factor, or a Hugging Face config.json");
    }
    if (!QueryScalesJson.isLongRope(type.asText())) {
      throw damaged(
          name,
          "rope_type is "
              + type
              + "; expected \"longrope\", or the whole config.json of a supported model, whose"
              + " fields decide the factors of yarn, llama3 and linear");
    }
  }

  static @Nullable RescaleFactors factors(String name, JsonNode rope, String key) {
    JsonNode list = rope.get(key);
    if (list == null || list.isNull()) {
      return null;
    }
    if (!list.isArray() || list.isEmpty()) {
      throw damaged(
          name,
          key + (list.isArray() ? " is empty" : " is no list") + "; expected a list of numbers");
    }
    double[] lambda = new double[list.size()];
    for (int i = 0; i < lambda.length; i++) {
      lambda[i] = positive(name, key + "[" + i + "]", list.get(i));
    }
    return RescaleFactors.of(lambda);
  }

  private static @Nullable Double number(String name, JsonNode object, String key) {
    JsonNode value = object.get(key);
    return value == null || value.isNull() ? null : (Double) positive(name, key, value);
  }

  private static double positive(String name, String what, JsonNode value) {
    double number = value.isNumber() ? value.asDouble() : Double.NaN;
    if (!(number > 0 && number < Double.POSITIVE_INFINITY)) {
      throw damaged(name, what + " is " + value + "; expected a positive, finite number");
    }
    return number;
  }

  private static @Nullable Integer integer(String name, JsonNode object, String key, int atLeast) {
    JsonNode value = object.get(key);
    if (value == null || value.isNull()) {
      return null;
    }
    double number = value.isNumber() ? value.asDouble() : Double.NaN;
    if (!(number >= atLeast && number <= Integer.MAX_VALUE && number == Math.rint(number))) {
      throw damaged(name, key + " is " + value + "; expected a whole number from " + atLeast);
    }
    return (int) number;
  }

  private static @Nullable AttentionWindow attentionWindow(String name, JsonNode own) {
    JsonNode value = own.get("attention_window");
    if (value == null || value.isNull()) {
      return null;
    }
    try {
      return AttentionWindow.parse(value.asText());
    } catch (BadInputException e) {
      throw damaged(
          name,
          "attention_window is " + value + "; expected \"config\", \"none\" or a number of tokens",
          e);
    }
  }

  private static @Nullable Integer firstOf(@Nullable Integer first, @Nullable Integer second) {
    return first != null ? first : second;
  }
}
