package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.longrope.eval.decoder.AttentionWindow;

/** Attention window that factors were found with, as the keys of a config.json. */
final class HfAttentionWindow {
  private static final String QWEN2 = "qwen2";

  /** Families that apply sliding_window in every layer. */
  private static final Set<String> WINDOWED = Set.of("mistral", "phi3");

  private HfAttentionWindow() {}

  /**
   * Writes the window of the longest set, since a config.json has one for all lengths. Changes
   * nothing where the factors were found with the checkpoint's own window, or an older file has
   * none.
   */
  static void write(
      ObjectNode config, String modelType, FactorFile sets, Consumer<String> warnings) {
    AttentionWindow window = orConfig(sets.longest());
    List<FactorFile.Named> others =
        sets.sets().stream().filter(named -> !orConfig(named.set()).equals(window)).toList();
    if (!others.isEmpty()) {
      warnings.accept(
          String.format(
              Locale.ROOT,
              "A config.json has one attention window for all lengths: %s, for %,d tokens, is"
                  + " written, and %s was found with %s.",
              window,
              sets.longest().targetLength(),
              others.get(0).name(),
              orConfig(others.get(0).set())));
    }
    if (window.equals(AttentionWindow.CONFIG)) {
      return;
    }
    boolean all = window.equals(AttentionWindow.NONE);
    if (WINDOWED.contains(modelType) || modelType.equals(QWEN2)) {
      // Said even if it is null: where the key is absent, transformers gives Mistral 4096.
      config.put("sliding_window", all ? null : (Integer) window.keys());
      if (modelType.equals(QWEN2)) {
        config.put("use_sliding_window", !all);
        if (!all) {
          config.put("max_window_layers", 0);
        }
      }
      // It would say once more which layers have a window, and makes a Ministral of a Mistral.
      config.remove("layer_types");
    } else if (!all) {
      warnings.accept(
          String.format(
              Locale.ROOT,
              "The factors were found with an attention window of %,d tokens, for which a"
                  + " config.json of model_type %s has no field: transformers attends to all"
                  + " tokens.",
              window.keys(),
              modelType));
    }
  }

  private static AttentionWindow orConfig(FactorSet set) {
    AttentionWindow window = set.attentionWindow();
    return window == null ? AttentionWindow.CONFIG : window;
  }
}
