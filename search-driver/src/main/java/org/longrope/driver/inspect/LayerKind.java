package org.longrope.driver.inspect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longrope.driver.report.table.Numbers;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LayerSpec;
import org.longrope.eval.family.LayerSpec.RopeUse;

/**
 * Kind of a layer.
 *
 * @param window last keys that a query sees; 0 is all
 * @param rope table that rotates queries and keys
 * @param experts whether the feed-forward is a mixture of experts
 */
record LayerKind(int window, RopeUse rope, boolean experts) {
  /** Returns the kinds of a model's layers in the order of their first layer, with their layers. */
  static Map<LayerKind, List<Integer>> of(DecoderSpec spec) {
    Map<LayerKind, List<Integer>> kinds = new LinkedHashMap<>();
    for (int i = 0; i < spec.layerCount(); i++) {
      LayerSpec layer = spec.layers().get(i);
      kinds
          .computeIfAbsent(
              new LayerKind(layer.window(), layer.rope(), layer.hasExperts()),
              kind -> new ArrayList<>())
          .add(i);
    }
    return kinds;
  }

  /** Returns the name of the attention's type in config.json. */
  String type() {
    return window == 0 ? "full_attention" : "sliding_attention";
  }

  /**
   * Describes the kind.
   *
   * @param mixed whether some layers of the model are dense and others are not
   */
  String text(boolean mixed) {
    String text = type() + (window == 0 ? "" : " (window " + Numbers.count(window) + ")");
    text +=
        switch (rope) {
          case MAIN -> "";
          case LOCAL -> ", local RoPE";
          case NONE -> ", without RoPE";
        };
    return text + (experts ? ", experts" : mixed ? ", dense" : "");
  }
}
