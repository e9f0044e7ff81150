package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.longrope.eval.family.LayerSpec.RopeUse;

/**
 * Rules by which families give each layer its attention window and its table of angles. They are
 * those of transformers 5; a field that is absent has the family's default, and a null window is
 * none.
 */
final class LayerPlans {
  /** Rule of a family: a plan for each of so many layers. */
  @FunctionalInterface
  interface Rule {
    List<LayerPlan> plan(ConfigFields config, int layers);
  }

  /**
   * Window and table of a layer.
   *
   * @param window last keys that a query sees; 0 is all
   */
  record LayerPlan(int window, RopeUse rope) {
    static final LayerPlan FULL = new LayerPlan(0, RopeUse.MAIN);
  }

  private static final String WINDOW = "sliding_window";
  private static final String USE_WINDOW = "use_sliding_window";
  private static final String TYPES = "layer_types";
  private static final String SLIDING = "sliding_attention";
  private static final List<String> FULL = List.of("full_attention", "attention");

  /** Window of most families whose config does not say. */
  private static final int USUAL_WINDOW = 4096;

  /** The first layer with a window in Qwen2 configurations that do not say. */
  private static final int MAX_WINDOW_LAYERS = 28;

  private LayerPlans() {}

  /** No windows. */
  static List<LayerPlan> full(ConfigFields config, int layers) {
    return plans(layers, 0, i -> false);
  }

  /** One window in all layers; none if the field is absent. */
  static List<LayerPlan> windowed(ConfigFields config, int layers) {
    return plans(layers, window(config, 0), i -> true);
  }

  /** One window in all layers, of 4,096 keys if the field is absent. */
  static List<LayerPlan> mistral(ConfigFields config, int layers) {
    return plans(layers, window(config, USUAL_WINDOW), i -> true);
  }

  /** Windows by layer type, by default in all layers. */
  static List<LayerPlan> ministral(ConfigFields config, int layers) {
    return byType(config, layers, window(config, USUAL_WINDOW), i -> true);
  }

  /** Windows from a layer on, if they are used. */
  static List<LayerPlan> qwen2(ConfigFields config, int layers) {
    return usedWindows(config, layers, (i, first) -> i >= first);
  }

  /** Windows in even layers below a layer, if they are used. */
  static List<LayerPlan> qwen2Experts(ConfigFields config, int layers) {
    return usedWindows(config, layers, (i, first) -> i % 2 == 0 && i < first);
  }

  /** Windows in all layers, if they are used. */
  static List<LayerPlan> qwen3Experts(ConfigFields config, int layers) {
    config.ignore("max_window_layers");
    config.ignore(TYPES);
    boolean used = config.flag(USE_WINDOW, false);
    return plans(layers, used ? window(config, USUAL_WINDOW) : unused(config), i -> true);
  }

  /** Windows by layer type, by default in even layers. */
  static Rule everyOther(int absentWindow) {
    return (config, layers) ->
        byType(config, layers, window(config, absentWindow), i -> i % 2 == 0);
  }

  /** Windows with a table of their own by layer type, by default in all but every so manieth. */
  static Rule localTable(int every, boolean readsPeriod) {
    return (config, layers) -> {
      int period = period(config, every, readsPeriod);
      int window = window(config, USUAL_WINDOW);
      IntPredicate sliding = sliding(config, layers, i -> (i + 1) % period != 0);
      return IntStream.range(0, layers)
          .mapToObj(i -> sliding.test(i) ? new LayerPlan(window, RopeUse.LOCAL) : LayerPlan.FULL)
          .toList();
    };
  }

  /** Windows by layer type, by default in all but every fourth; layers without are not rotated. */
  static List<LayerPlan> cohere2(ConfigFields config, int layers) {
    int period = period(config, 4, true);
    int window = window(config, USUAL_WINDOW);
    IntPredicate sliding = sliding(config, layers, i -> (i + 1) % period != 0);
    return IntStream.range(0, layers)
        .mapToObj(
            i ->
                sliding.test(i)
                    ? new LayerPlan(window, RopeUse.MAIN)
                    : new LayerPlan(0, RopeUse.NONE))
        .toList();
  }

  /** Applies Cohere 2's rule if there is a window at all. */
  static List<LayerPlan> exaone4(ConfigFields config, int layers) {
    int window = window(config, USUAL_WINDOW);
    IntPredicate sliding;
    if (config.has(TYPES)) {
      config.ignore("sliding_window_pattern");
      sliding = sliding(config, layers, i -> false);
    } else {
      if (window == 0) {
        throw config.bad(
            TYPES, "a type for each layer, because sliding_window is null and no period holds");
      }
      int period = config.count("sliding_window_pattern", 1 << 12, 4);
      sliding = i -> (i + 1) % period != 0;
    }
    return IntStream.range(0, layers)
        .mapToObj(
            i ->
                new LayerPlan(
                    sliding.test(i) ? window : 0,
                    window == 0 || sliding.test(i) ? RopeUse.MAIN : RopeUse.NONE))
        .toList();
  }

  /** Layers without rotation, by default every fourth, which by default have the windows. */
  static List<LayerPlan> smollm3(ConfigFields config, int layers) {
    JsonNode rotated = config.get("no_rope_layers");
    int interval = config.count("no_rope_layer_interval", 1 << 12, 4);
    // An empty list counts as absent.
    boolean listed = config.has("no_rope_layers") && !(rotated.isArray() && rotated.isEmpty());
    if (listed && !(ConfigFields.isListOfWhole(rotated) && rotated.size() == layers)) {
      throw config.bad("no_rope_layers", "a list with 0 or 1 for each of " + layers + " layers");
    }
    IntPredicate rotates = i -> listed ? rotated.get(i).asInt() != 0 : (i + 1) % interval != 0;
    boolean used = config.flag(USE_WINDOW, false);
    boolean types = config.has(TYPES);
    int window = used || types ? window(config, 0) : unused(config);
    IntPredicate sliding = sliding(config, layers, i -> used && !rotates.test(i));
    return IntStream.range(0, layers)
        .mapToObj(
            i ->
                new LayerPlan(
                    sliding.test(i) ? window : 0, rotates.test(i) ? RopeUse.MAIN : RopeUse.NONE))
        .toList();
  }

  /**
   * Checks the list of layer types after a rule has been applied.
   *
   * @throws org.longrope.eval.BadInputException if it has another length, or a type with a window
   *     that the rule did not read
   */
  static void checkTypes(ConfigFields config, int layers) {
    boolean read = config.wasRead(TYPES);
    if (config.has(TYPES) && types(config, layers).contains(true) && !read) {
      throw config.bad(TYPES, "no " + SLIDING + ", which this model_type does not have");
    }
  }

  /** Relation of a layer to max_window_layers. */
  @FunctionalInterface
  private interface Threshold {
    boolean test(int layer, int first);
  }

  private static List<LayerPlan> usedWindows(ConfigFields config, int layers, Threshold threshold) {
    boolean used = config.flag(USE_WINDOW, false);
    int window = used ? window(config, USUAL_WINDOW) : unused(config);
    int first =
        config.contains("max_window_layers")
            ? config.whole("max_window_layers", 0, Integer.MAX_VALUE)
            : MAX_WINDOW_LAYERS;
    if (window == 0 && config.has(TYPES) && types(config, layers).contains(true)) {
      throw config.bad(TYPES, "no " + SLIDING + ", because use_sliding_window is not true");
    }
    return byType(config, layers, window, i -> threshold.test(i, first));
  }

  private static List<LayerPlan> byType(
      ConfigFields config, int layers, int window, IntPredicate absent) {
    return plans(layers, window, sliding(config, layers, absent));
  }

  private static List<LayerPlan> plans(int layers, int window, IntPredicate sliding) {
    return IntStream.range(0, layers)
        .mapToObj(i -> sliding.test(i) ? new LayerPlan(window, RopeUse.MAIN) : LayerPlan.FULL)
        .toList();
  }

  /** Tells of each layer whether its type is sliding_attention. */
  private static IntPredicate sliding(ConfigFields config, int layers, IntPredicate absent) {
    List<Boolean> types = config.has(TYPES) ? types(config, layers) : null;
    return types == null ? absent : types::get;
  }

  private static List<Boolean> types(ConfigFields config, int layers) {
    JsonNode types = config.get(TYPES);
    if (!types.isArray() || types.size() != layers) {
      throw config.bad(TYPES, "a list with one type for each of " + layers + " layers");
    }
    return IntStream.range(0, layers)
        .mapToObj(
            i -> {
              String type = types.get(i).asText();
              if (!type.equals(SLIDING) && !FULL.contains(type)) {
                throw config.bad(TYPES, "only sliding_attention and full_attention");
              }
              return type.equals(SLIDING);
            })
        .toList();
  }

  private static int period(ConfigFields config, int absent, boolean reads) {
    if (!reads) {
      return absent;
    }
    config.ignore("_sliding_window_pattern");
    return config.count("sliding_window_pattern", 1 << 12, absent);
  }

  /** Returns the window; 0 if it is null. */
  private static int window(ConfigFields config, int absent) {
    if (!config.contains(WINDOW)) {
      return absent;
    }
    return config.get(WINDOW).isNull() ? 0 : config.count(WINDOW, Integer.MAX_VALUE);
  }

  /** Passes over a window that is not used. */
  private static int unused(ConfigFields config) {
    config.ignore(WINDOW);
    return 0;
  }
}
