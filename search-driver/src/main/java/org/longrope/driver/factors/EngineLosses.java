package org.longrope.driver.factors;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.decoder.AttentionWindow;

/**
 * Warnings of what engines lose of exported factors, a sentence for each loss. Which factors an
 * engine takes is read from its code: transformers (modeling_rope_utils.py), vLLM
 * (Phi3LongRoPEScaledRotaryEmbedding), TensorRT-LLM (create_sinusoidal_positions_long_rope), mlx-lm
 * (SuScaledRoPE), llama.cpp (llama_model::get_rope_factors).
 */
final class EngineLosses {
  private final EngineFactors factors;
  private final Consumer<String> warnings;

  EngineLosses(EngineFactors factors, Consumer<String> warnings) {
    this.factors = factors;
    this.warnings = warnings;
  }

  /**
   * Warns of what a config.json loses.
   *
   * @param modelType of the model that it is for
   */
  void hf(String modelType) {
    if (factors.sets().isTable()) {
      lengths("transformers");
      attention("transformers");
      int window = factors.originalWindow();
      int longest = factors.targetLength();
      if (factors.choice() != ShortFactors.LONG) {
        warn(
            "vLLM reads short prompts too with the factors for %,d tokens, as soon as"
                + " --max-model-len is above %,d.",
            longest, window);
        warn(
            "TensorRT-LLM reads short prompts too with the factors for %,d tokens, as soon as"
                + " max_seq_len is above %,d.",
            longest, window);
        warn(
            "mlx-lm reads short prompts too with the factors for %,d tokens: it knows long_factor"
                + " alone.",
            longest);
      }
    }
    if (!factors.isSu()) {
      warn(
          "TensorRT-LLM and mlx-lm compute su's attention factor, %.4f, whatever is written.",
          factors.su());
    }
    boundary(modelType);
    version4(modelType);
    startTokens(factors.sets(), "; the file keeps their number for us alone", warnings);
  }

  /** Warns of the end of the window; Phi-3 alone reads a text again from its beginning there. */
  private void boundary(String modelType) {
    int window = factors.originalWindow();
    if (!modelType.equals("phi3")
        && factors.targetLength() > window
        && !factors.shortFactors().equals(factors.longest().factors())) {
      warn(
          "Text that transformers generates from below to above %,d tokens goes wrong, because keys"
              + " in its cache stay rotated by short_factor and later ones are rotated by"
              + " long_factor: --short-factors long writes the long factors for both, at the cost"
              + " of short texts.",
          window);
    }
  }

  /** Warns of families whose rope_scaling version 4 of transformers does not know as longrope. */
  private void version4(String modelType) {
    if (modelType.equals("olmo") || modelType.equals("olmo2")) {
      warn(
          "transformers 4 rejects the written file, because it knows no longrope for %s: read it"
              + " with version 5.",
          modelType);
    } else if (modelType.equals("nemotron")) {
      warn("transformers 4 reads a nemotron without any factors: read the file with version 5.");
    }
  }

  /**
   * Warns of what a GGUF loses.
   *
   * @param architecture that the file names
   * @param baseType rope type of the model's own table, which the factors contain; null for none
   */
  void gguf(String architecture, @Nullable String baseType) {
    if (baseType != null) {
      warn(
          "The factors contain the model's own rope type %s: remove rope_freqs.weight and"
              + " %s.rope.scaling.factor of the model's GGUF, which llama.cpp would apply as well.",
          baseType, architecture);
    }
    if (factors.sets().isTable()) {
      lengths("llama.cpp");
      attention("llama.cpp");
      if (factors.choice() != ShortFactors.LONG) {
        warn(
            "llama.cpp reads short prompts too with the factors for %,d tokens, as soon as the"
                + " context that it allocates (-c) is above %,d.",
            factors.targetLength(), factors.originalWindow());
      }
    }
    AttentionWindow window = factors.longest().attentionWindow();
    if (window != null && window.keys() > 0) {
      warn(
          "llama.cpp has no attention window for models of architecture %s: the window of %,d"
              + " tokens that the factors were found with is lost to it.",
          architecture, window.keys());
    }
    startTokens(factors.sets(), "; the file keeps their number for us alone", warnings);
  }

  /**
   * Warns of start tokens, for any file. One start token is none: position 0 has the angle 0 in any
   * rescaling.
   *
   * @param kept what becomes of them
   */
  static void startTokens(FactorFile sets, String kept, Consumer<String> warnings) {
    List<FactorFile.Named> some =
        sets.sets().stream()
            .filter(named -> named.set().startTokens() != null && named.set().startTokens() > 1)
            .toList();
    if (!some.isEmpty()) {
      String positions =
          sets.isTable()
              ? some.stream()
                  .map(
                      named ->
                          String.format(
                              Locale.ROOT,
                              "%d in texts of up to %,d tokens",
                              named.set().startTokens(),
                              named.targetLength()))
                  .collect(Collectors.joining(", ", "positions (", ")"))
              : some.get(0).set().startTokens() + " positions";
      warnings.accept(
          String.format(
              "Engines have no field for start tokens and will interpolate the first %s too%s.",
              positions, kept));
    }
  }

  private void lengths(String engine) {
    int window = factors.originalWindow();
    List<Integer> targets =
        factors.sets().sets().stream().map(FactorFile.Named::targetLength).toList();
    if (factors.choice() == ShortFactors.LONG) {
      warn(
          "%s reads texts of all lengths with the factors for %,d tokens: factors of their own for"
              + " %s are lost to it.",
          engine, factors.targetLength(), joined(targets.subList(0, targets.size() - 1)));
      return;
    }
    boolean found = factors.choice() == ShortFactors.FOUND;
    int within = factors.within().targetLength();
    List<String> losses = new ArrayList<>();
    if (!found) {
      losses.add(
          String.format(
              Locale.ROOT, "texts of up to %,d tokens are read with the original factors", window));
    } else if (targets.get(0) < within) {
      int shorter = targets.get(targets.indexOf(within) - 1);
      losses.add(
          String.format(
              Locale.ROOT,
              "texts of up to %,d tokens are read with the factors for %,d",
              Math.min(shorter, window),
              within));
    }
    int beforeLongest = targets.get(targets.size() - 2);
    if (beforeLongest > window) {
      losses.add(
          String.format(
              Locale.ROOT,
              "texts of %,d to %,d tokens are read with the factors for %,d",
              window + 1,
              beforeLongest,
              factors.targetLength()));
    }
    List<Integer> lost =
        targets.stream()
            .filter(length -> !(found && length == within) && length != factors.targetLength())
            .toList();
    if (!lost.isEmpty()) {
      losses.add("factors of their own for " + joined(lost) + " are lost to it");
    }
    if (!losses.isEmpty()) {
      warn(
          "%s has one set up to the original window of %,d tokens and one beyond it: %s.",
          engine, window, String.join(", ", losses));
    }
  }

  private static String joined(List<Integer> lengths) {
    return lengths.stream()
        .map(length -> String.format(Locale.ROOT, "%,d", length))
        .collect(Collectors.joining(" and "));
  }

  private void attention(String engine) {
    double within = factors.shortAttention();
    double written = factors.longAttention();
    if (!EngineFactors.same(written, within)) {
      double ratio = written / within;
      warn(
          "%s has one attention factor for all lengths: %.4f, for %,d tokens, is written, and texts"
              + " within the window are read with it instead of %.4f, which makes their attention"
              + " scores %.4f times as large.",
          engine, written, factors.targetLength(), within, ratio * ratio);
    }
  }

  private void warn(String sentence, Object... values) {
    warnings.accept(String.format(Locale.ROOT, sentence, values));
  }
}
