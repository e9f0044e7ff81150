package org.longrope.eval.family;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.function.IntPredicate;

/**
 * Window, RoPE and RoPE table of each layer.
 *
 * @param windows how many last keys a query sees, itself included; 0 is all
 * @param ropes which layers have RoPE
 * @param slidingTables which layers take the second table of a family with two
 */
record ReferenceLayers(int[] windows, boolean[] ropes, boolean[] slidingTables) {
  static ReferenceLayers of(ReferenceConfig c) {
    int window = window(c);
    boolean[] sliding = sliding(c, window);
    int[] windows = new int[sliding.length];
    boolean[] ropes = new boolean[sliding.length];
    boolean[] tables = new boolean[sliding.length];
    for (int i = 0; i < sliding.length; i++) {
      windows[i] = sliding[i] ? window : 0;
      ropes[i] =
          switch (c.family()) {
            case "cohere2" -> sliding[i];
            case "exaone4" -> window == 0 || sliding[i];
            case "smollm3" -> smollm3HasRope(c, i);
            default -> true;
          };
      tables[i] = c.hasTwoTables() && sliding[i];
    }
    return new ReferenceLayers(windows, ropes, tables);
  }

  /** Returns the window of the layers that have one, 0 if it is null or not used. */
  private static int window(ReferenceConfig c) {
    int absent =
        switch (c.family()) {
          case "mistral",
              "ministral",
              "gemma2",
              "gemma3_text",
              "cohere2",
              "olmo3",
              "exaone4",
              "qwen2",
              "qwen3",
              "qwen2_moe",
              "qwen3_moe" ->
              4096;
          case "gpt_oss" -> 128;
          default -> 0;
        };
    boolean used =
        !c.is("qwen2", "qwen3", "qwen2_moe", "qwen3_moe") || c.flag("use_sliding_window", false);
    Double value = c.nullable("sliding_window", (double) absent);
    return used && value != null ? value.intValue() : 0;
  }

  private static boolean[] sliding(ReferenceConfig c, int window) {
    return switch (c.family()) {
      case "mistral", "mixtral", "ministral3", "phi3", "phimoe", "starcoder2", "qwen3_moe" ->
          layers(c, i -> true);
      case "ministral" -> typed(c, i -> true);
      case "qwen2", "qwen3" -> typed(c, i -> i >= c.integer("max_window_layers", 28));
      case "qwen2_moe" -> typed(c, i -> i % 2 == 0 && i < c.integer("max_window_layers", 28));
      case "gemma2", "gpt_oss" -> typed(c, i -> i % 2 == 0);
      case "olmo3" -> typed(c, i -> (i + 1) % 4 != 0);
      case "gemma3_text" -> typed(c, i -> (i + 1) % c.integer("sliding_window_pattern", 6) != 0);
      case "cohere2", "exaone4" ->
          typed(c, i -> (i + 1) % c.integer("sliding_window_pattern", 4) != 0);
      case "smollm3" ->
          typed(c, i -> c.flag("use_sliding_window", false) && window > 0 && !smollm3HasRope(c, i));
      default -> layers(c, i -> false);
    };
  }

  private static boolean[] typed(ReferenceConfig c, IntPredicate absent) {
    JsonNode types = c.json.path("layer_types");
    return types.isArray()
        ? layers(c, i -> types.get(i).textValue().equals("sliding_attention"))
        : layers(c, absent);
  }

  private static boolean[] layers(ReferenceConfig c, IntPredicate predicate) {
    boolean[] layers = new boolean[c.layers()];
    for (int i = 0; i < layers.length; i++) {
      layers[i] = predicate.test(i);
    }
    return layers;
  }

  private static boolean smollm3HasRope(ReferenceConfig c, int layer) {
    return c.given("no_rope_layers")
        ? c.json.get("no_rope_layers").get(layer).intValue() != 0
        : (layer + 1) % c.integer("no_rope_layer_interval", 4) != 0;
  }
}
