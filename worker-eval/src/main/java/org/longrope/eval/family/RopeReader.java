package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeScaling;

/**
 * Reader of the rotation from config.json by the rules of transformers 5: rope_scaling before
 * rope_parameters before the family's default, never merged; a base inside before one at the top.
 *
 * <p>Where transformers passes over a value in silence and another reader would take it, this
 * reader rejects the file.
 */
final class RopeReader {
  static final String SCALING = "rope_scaling";
  static final String PARAMETERS = "rope_parameters";
  static final String THETA = "rope_theta";
  private static final String LOCAL_THETA = "rope_local_base_freq";
  private static final String PARTIAL = "partial_rotary_factor";
  private static final String ORIGINAL = "original_max_position_embeddings";
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";
  private static final String PHI3 = "phi3";
  private static final String PHI_EXPERTS = "phimoe";

  private final ConfigFields config;
  private final Family family;
  private final int headWidth;
  private final int positions;

  /**
   * Prepares to read.
   *
   * @param headWidth of queries and keys
   */
  RopeReader(ConfigFields config, Family family, int headWidth) {
    this.config = config;
    this.family = family;
    this.headWidth = headWidth;
    positions = config.count("max_position_embeddings", Integer.MAX_VALUE, family.positions);
  }

  /** Rotation with the name of the field that decided its original window. */
  record Read(RopeGeometry rope, String windowSource) {}

  /** Reads the rotation of all layers, or of those with full attention. */
  Read main() {
    if (family.hasLocalTable()) {
      return read(fullTable(), SCALING + " and " + PARAMETERS);
    }
    ObjectNode scaling = table(SCALING);
    ObjectNode parameters = table(PARAMETERS);
    Read first = read(flat(scaling.isEmpty() ? parameters : scaling), name(scaling));
    if (!scaling.isEmpty() && !parameters.isEmpty()) {
      RopeGeometry other = read(flat(parameters), PARAMETERS).rope();
      if (!isSameTable(first.rope(), other)) {
        throw BadInputException.of(
            "%s and %s of %s disagree: expected the same values in both, or one of them;"
                + " transformers takes %s and drops the other.",
            SCALING, PARAMETERS, config.where(), SCALING);
      }
    }
    return first;
  }

  private static String name(ObjectNode scaling) {
    return scaling.isEmpty() ? PARAMETERS : SCALING;
  }

  /** Reads the rotation of windowed layers with a table of their own. */
  RopeGeometry local() {
    ObjectNode nested = nested(SLIDING);
    if (!nested.has(THETA)) {
      nested.put(THETA, family.localTheta().theta(config, fullTableTakesTheta()));
    } else if (config.has(LOCAL_THETA)
        && config.positive(LOCAL_THETA) != nested.get(THETA).asDouble()) {
      throw config.bad(
          LOCAL_THETA, "the same base as inside " + SLIDING + " of " + PARAMETERS + ", or none");
    }
    return read(nested, SLIDING).rope();
  }

  private boolean fullTableTakesTheta() {
    return !nested(FULL).has(THETA) && !table(SCALING).has(THETA);
  }

  /** Returns one table of a family with two. */
  private ObjectNode fullTable() {
    ObjectNode full = nested(FULL);
    full.setAll(table(SCALING));
    if (!full.has(THETA)) {
      full.put(THETA, config.positiveUnlessNull(THETA, family.theta));
    }
    return full;
  }

  private ObjectNode nested(String layerType) {
    ObjectNode parameters = table(PARAMETERS);
    boolean flat = !parameters.isEmpty() && !parameters.has(FULL) && !parameters.has(SLIDING);
    if (flat) {
      throw BadInputException.of(
          "%s of %s is one table: expected one for %s and one for %s, because transformers does not"
              + " read a single one for %s.",
          PARAMETERS, config.where(), FULL, SLIDING, family.modelType);
    }
    ObjectNode table =
        parameters.get(layerType) instanceof ObjectNode object
            ? object.deepCopy()
            : JsonNodeFactory.instance.objectNode();
    // transformers looks for it beside the tables, and not in them.
    table.remove("truncate");
    if (parameters.has("truncate")) {
      table.set("truncate", parameters.get("truncate"));
    }
    return table;
  }

  private ObjectNode table(String field) {
    ConfigFields object = config.object(field);
    return object.node() instanceof ObjectNode node
        ? node.deepCopy()
        : JsonNodeFactory.instance.objectNode();
  }

  /** Fills one table of a family with one. */
  private ObjectNode flat(ObjectNode given) {
    if (given.has(FULL) || given.has(SLIDING)) {
      throw BadInputException.of(
          "The RoPE parameters of %s are nested by layer type: expected one table, because"
              + " transformers does not read nested ones for %s.",
          config.where(), family.modelType);
    }
    ObjectNode table = given.isEmpty() ? family.rope() : given;
    if (!table.has(THETA)) {
      table.put(THETA, config.positiveUnlessNull(THETA, family.theta));
    } else if (config.has(THETA)
        && !given.isEmpty()
        && config.positive(THETA) != table.get(THETA).asDouble()) {
      throw config.bad(
          THETA, "the same base as inside " + SCALING + " or " + PARAMETERS + ", or none here");
    }
    if (!table.has(PARTIAL)) {
      if (config.contains(PARTIAL)) {
        table.set(PARTIAL, config.get(PARTIAL));
      } else {
        table.put(PARTIAL, family.partial);
      }
    } else if (config.has(PARTIAL)
        && config.get(PARTIAL).asDouble() != table.get(PARTIAL).asDouble()) {
      throw config.bad(
          PARTIAL, "the same part as inside " + SCALING + " or " + PARAMETERS + ", or none here");
    }
    return table;
  }

  /** Compares what turns the positions; a longrope's attention factor may differ. */
  private static boolean isSameTable(RopeGeometry one, RopeGeometry other) {
    if (one.scaling() instanceof RopeScaling.LongRope first
        && other.scaling() instanceof RopeScaling.LongRope second) {
      return one.base() == other.base()
          && first.shortFactors().equals(second.shortFactors())
          && first.longFactors().equals(second.longFactors())
          && first.original() == second.original();
    }
    return one.equals(other);
  }

  private Read read(ObjectNode table, String name) {
    ConfigFields fields = new ConfigFields(table, name + " of " + config.where());
    double base = fields.number(THETA, 1, Double.POSITIVE_INFINITY);
    String type = type(fields);
    int rotary = rotary(fields, type);
    RopeScaling scaling = scaling(fields, type, base, rotary);
    Window window = window(scaling, fields);
    return new Read(new RopeGeometry(rotary, base, window.tokens(), scaling), window.source());
  }

  private String type(ConfigFields fields) {
    String type =
        fields.has("rope_type")
            ? fields.text("rope_type", "default")
            : fields.has("type") ? fields.text("type", "default") : "default";
    if (family.modelType.equals(PHI3) && (type.equals("su") || type.equals("yarn"))) {
      if (!fields.has(ORIGINAL)) {
        throw fields.bad(
            ORIGINAL, "a number, which transformers requires here beside type " + type);
      }
      return "longrope";
    }
    return type;
  }

  private int rotary(ConfigFields fields, String type) {
    double partial =
        fields.contains(PARTIAL) ? fields.number(PARTIAL, 0, Math.nextUp(1.0)) : family.partial;
    if (partial != 1 && !family.readsPartial) {
      throw fields.bad(
          PARTIAL,
          "1 or nothing, because transformers rotates whole heads of a " + family.modelType);
    }
    int rotary = (int) (headWidth * partial);
    if (!(rotary > 0 && rotary % 2 == 0)) {
      throw (partial == 1 ? config : fields)
          .bad(
              partial == 1 ? "head_dim" : PARTIAL,
              "one that rotates an even number of a head's dimensions, not " + rotary);
    }
    return rotary;
  }

  private RopeScaling scaling(ConfigFields fields, String type, double base, int rotary) {
    if (family.modelType.equals(PHI3) && !List.of("default", "longrope").contains(type)) {
      throw fields.bad("rope_type", "default or longrope for phi3");
    }
    return switch (type) {
      case "default" -> {
        for (String factor : List.of("factor", "short_factor", "long_factor")) {
          boolean neutral = fields.get(factor).isNumber() && fields.get(factor).asDouble() == 1;
          if (fields.has(factor) && !neutral) {
            throw fields.bad(factor, "nothing beside rope type default, which does not read it");
          }
        }
        yield RopeScaling.NONE;
      }
      case "linear" -> new RopeScaling.Linear(fields.positive("factor"));
      case "dynamic" -> dynamic(fields);
      case "llama3" -> llama3(fields);
      case "yarn" -> yarn(fields);
      case "longrope" -> longRope(fields, rotary);
      default ->
          throw fields.bad(
              fields.has("rope_type") ? "rope_type" : "type",
              "one of default, linear, dynamic, llama3, yarn, longrope");
    };
  }

  private RopeScaling llama3(ConfigFields fields) {
    double low = fields.positive("low_freq_factor");
    double high = fields.number("high_freq_factor", low, Double.POSITIVE_INFINITY);
    return new RopeScaling.Llama3(fields.positive("factor"), low, high, original(fields));
  }

  private RopeScaling dynamic(ConfigFields fields) {
    if (family.readsAlpha && fields.has("alpha") && fields.get("alpha").asDouble() != 0) {
      return new RopeScaling.Alpha(fields.positive("alpha"));
    }
    return new RopeScaling.Dynamic(fields.positive("factor"), positions);
  }

  private int original(ConfigFields fields) {
    if (config.has(ORIGINAL)) {
      return config.count(ORIGINAL, Integer.MAX_VALUE);
    }
    if (family.modelType.equals(PHI3)) {
      return Family.PHI3_ORIGINAL;
    }
    return fields.has(ORIGINAL) ? fields.count(ORIGINAL, Integer.MAX_VALUE) : positions;
  }

  private double factor(ConfigFields fields) {
    boolean given = fields.has("factor") && fields.get("factor").asDouble() != 0;
    return given ? fields.positive("factor") : (double) positions / original(fields);
  }

  private RopeScaling yarn(ConfigFields fields) {
    if (!fields.contains("factor")) {
      throw fields.bad("factor", "a number, without which transformers fails for rope type yarn");
    }
    double factor = factor(fields);
    double attention;
    if (fields.has("attention_factor")) {
      attention = fields.positive("attention_factor");
    } else if (isSet(fields, "mscale") && isSet(fields, "mscale_all_dim")) {
      attention =
          magnitude(fields.positive("mscale"), factor)
              / magnitude(fields.positive("mscale_all_dim"), factor);
    } else {
      attention = magnitude(1, factor);
    }
    boolean truncate = !fields.contains("truncate") || fields.get("truncate").asBoolean();
    return new RopeScaling.Yarn(
        factor,
        isSet(fields, "beta_fast") ? fields.positive("beta_fast") : 32,
        isSet(fields, "beta_slow") ? fields.positive("beta_slow") : 1,
        truncate,
        original(fields),
        attention);
  }

  private static boolean isSet(ConfigFields fields, String field) {
    return fields.has(field) && fields.get(field).asDouble() != 0;
  }

  /** Returns YaRN's factor on attention for an extension. */
  static double magnitude(double scale, double factor) {
    return factor <= 1 ? 1 : 0.1 * scale * StrictMath.log(factor) + 1;
  }

  private RopeScaling longRope(ConfigFields fields, int rotary) {
    RescaleFactors shortFactors = factors(fields, "short_factor", rotary / 2);
    RescaleFactors longFactors = factors(fields, "long_factor", rotary / 2);
    int original = original(fields);
    if (family.modelType.equals(PHI_EXPERTS)) {
      // transformers never takes the long ones for this family.
      return new RopeScaling.LongRope(
          shortFactors,
          shortFactors,
          fields.positive("short_mscale"),
          fields.positive("long_mscale"),
          original,
          positions);
    }
    double factor = factor(fields);
    double attention =
        fields.has("attention_factor")
            ? fields.positive("attention_factor")
            : factor <= 1 ? 1 : Math.sqrt(1 + StrictMath.log(factor) / StrictMath.log(original));
    return new RopeScaling.LongRope(
        shortFactors, longFactors, attention, attention, original, positions);
  }

  private static RescaleFactors factors(ConfigFields fields, String field, int pairs) {
    JsonNode list = fields.get(field);
    List<Double> factors = new ArrayList<>();
    list.forEach(factor -> factors.add(factor.asDouble()));
    boolean good =
        list.isArray()
            && factors.size() == pairs
            && factors.stream().allMatch(f -> f > 0 && f < Double.POSITIVE_INFINITY);
    if (!good) {
      throw fields.bad(
          field, "a list of " + pairs + " positive numbers, one for each rotated pair");
    }
    return RescaleFactors.of(factors);
  }

  /** Original window with the name of the field that gave it. */
  private record Window(int tokens, String source) {}

  private Window window(RopeScaling scaling, ConfigFields fields) {
    if (scaling instanceof RopeScaling.LongRope own) {
      return new Window(own.original(), ORIGINAL);
    }
    if (scaling.equals(RopeScaling.NONE)) {
      for (ConfigFields holder : List.of(config, fields)) {
        if (holder.has(ORIGINAL)) {
          return new Window(holder.count(ORIGINAL, Integer.MAX_VALUE), ORIGINAL);
        }
      }
    }
    return new Window(positions, "max_position_embeddings");
  }
}
