package org.longrope.eval.decoder;

import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.DecoderSpec;

/**
 * Attention window to apply: the checkpoint's own, none, or another number of keys.
 *
 * @param keys the last keys that a query sees, itself included; 0 is all, −1 as config.json says
 */
public record AttentionWindow(int keys) implements Serializable {
  private static final int AS_CONFIGURED = -1;
  private static final int ALL = 0;

  /** Windows of config.json. */
  public static final AttentionWindow CONFIG = new AttentionWindow(AS_CONFIGURED);

  /** No window: a query sees every key before it. */
  public static final AttentionWindow NONE = new AttentionWindow(ALL);

  public AttentionWindow {
    if (!(keys >= AS_CONFIGURED)) {
      throw new IllegalArgumentException(
          "Cannot attend to " + keys + " keys: expected 1 or more, 0 for all or -1 for config");
    }
  }

  /** Reads {@code config|none|N}. */
  public static AttentionWindow parse(String text) {
    if (text.equals("config")) {
      return CONFIG;
    } else if (text.equals("none")) {
      return NONE;
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
    return new AttentionWindow(keys);
  }

  /** Returns for each layer the last keys that a query sees, itself included; 0 is all. */
  public List<Integer> windows(DecoderSpec config) {
    return keys == AS_CONFIGURED
        ? config.attentionWindows()
        : config.attentionWindows().stream().map(own -> keys).toList();
  }

  /**
   * Warns in one sentence where a layer's window is shorter than a text; empty if none is.
   *
   * @param length of the text, tokens
   */
  public Optional<String> warning(DecoderSpec config, int length) {
    List<Integer> windows = windows(config);
    List<Integer> shorter = windows.stream().filter(own -> own > 0 && own < length).toList();
    return shorter.stream()
        .min(Comparator.naturalOrder())
        .map(
            least ->
                String.format(
                    Locale.ROOT,
                    "The attention window of %d of %d layers is %,d tokens, shorter than the %,d"
                        + " that are read: no token attends further back; use --attention-window"
                        + " none to attend to all.",
                    shorter.size(),
                    windows.size(),
                    least,
                    length));
  }

  /** Returns the option's spelling on the command line. */
  @Override
  public String toString() {
    return keys == AS_CONFIGURED ? "config" : keys == ALL ? "none" : Integer.toString(keys);
  }
}
