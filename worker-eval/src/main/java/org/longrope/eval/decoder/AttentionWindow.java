package org.longrope.eval.decoder;

import java.util.List;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.ModelConfig;

/** Which attention window to apply: the checkpoint's own, none, or another number of keys. */
public final class AttentionWindow {
  /** What config.json says. */
  public static final AttentionWindow CONFIG = new AttentionWindow("config", -1);

  private final String name;
  private final int keys;

  private AttentionWindow(String name, int keys) {
    this.name = name;
    this.keys = keys;
  }

  /** Reads {@code config|none|N}. */
  public static AttentionWindow parse(String text) {
    if (text.equals("config")) {
      return CONFIG;
    } else if (text.equals("none")) {
      return new AttentionWindow(text, 0);
    }
    int keys;
    try {
      keys = Integer.parseInt(text);
    } catch (NumberFormatException e) {
      keys = 0;
    }
    if (!(keys >= 1)) {
      throw BadInputException.of(
          "Unknown attention window '%s': expected config, none or a number of tokens above 0.",
          text);
    }
    return new AttentionWindow(text, keys);
  }

  /** For each layer the last keys that a query sees, itself included; 0 is all. */
  public List<Integer> windows(ModelConfig config) {
    return keys < 0
        ? config.attentionWindows()
        : config.attentionWindows().stream().map(own -> keys).toList();
  }

  /** As written on the command line. */
  @Override
  public String toString() {
    return name;
  }
}
