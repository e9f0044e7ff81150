package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.family.DecoderSpec;

/** Attention window that factors were found with, as the keys of a config.json. */
final class HfAttentionWindow {
  /** Families that apply sliding_window in every layer, where no layer_types say otherwise. */
  private static final Set<String> WINDOWED =
      Set.of("mistral", "ministral", "ministral3", "mixtral", "phi3", "phimoe", "starcoder2");

  /** Families with use_sliding_window, that apply it in every layer from max_window_layers on. */
  private static final Set<String> FROM_LAYER = Set.of("qwen2", "qwen3");

  private static final String WINDOW = "sliding_window";
  private static final String USE_WINDOW = "use_sliding_window";

  private final DecoderSpec spec;
  private final FactorFile sets;
  private final Consumer<String> warnings;

  HfAttentionWindow(DecoderSpec spec, FactorFile sets, Consumer<String> warnings) {
    this.spec = spec;
    this.sets = sets;
    this.warnings = warnings;
  }

  /**
   * Writes the window of the longest set, since a config.json has one for all lengths. Changes
   * nothing where the factors were found with the checkpoint's own window, or an older file has
   * none.
   */
  void write(ObjectNode config) {
    AttentionWindow window = orConfig(sets.longest());
    warnOfOthers(window);
    if (window.equals(AttentionWindow.CONFIG)) {
      return;
    }
    boolean all = window.equals(AttentionWindow.NONE);
    String type = spec.modelType();
    if (WINDOWED.contains(type) || FROM_LAYER.contains(type) || type.equals("qwen3_moe")) {
      // Said even if it is null: where the key is absent, transformers gives Mistral 4096.
      config.put(WINDOW, all ? null : (Integer) window.keys());
      if (!WINDOWED.contains(type)) {
        config.put(USE_WINDOW, !all);
      }
      if (FROM_LAYER.contains(type) && !all) {
        config.put("max_window_layers", 0);
      }
      // It would say once more which layers have a window, and makes a Ministral of a Mistral.
      config.remove("layer_types");
    } else if (all && spec.attentionWindows().stream().anyMatch(own -> own > 0)) {
      // The layers stay of two types, because their type can decide on more than the window.
      config.put(WINDOW, sets.longest().targetLength());
    } else if (!all) {
      warnings.accept(
          String.format(
              Locale.ROOT,
              "The factors were found with an attention window of %,d tokens, for which a"
                  + " config.json of model_type %s has no field: transformers attends to %s.",
              window.keys(),
              type,
              spec.attentionWindows().stream().anyMatch(own -> own > 0)
                  ? "what its layers' own windows hold"
                  : "all tokens"));
    }
  }

  private void warnOfOthers(AttentionWindow window) {
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
  }

  private static AttentionWindow orConfig(FactorSet set) {
    AttentionWindow window = set.attentionWindow();
    return window == null ? AttentionWindow.CONFIG : window;
  }
}
