package org.longrope.driver.factors;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.AttentionSpec;

/** Factor tensors and keys for llama.cpp, as a small separate GGUF. */
final class GgufExport {
  private static final String LLAMA = "llama";

  /**
   * Architecture in llama.cpp by model_type, of those whose graph multiplies the tensors
   * rope_factors_long and rope_factors_short in.
   */
  private static final Map<String, String> ARCHITECTURES =
      Map.of(LLAMA, LLAMA, "mistral", LLAMA, "phi3", "phi3", "minicpm3", "minicpm3");

  private GgufExport() {}

  /**
   * Returns the content of the file.
   *
   * @param config the model's, for its architecture; null: llama
   */
  static byte[] build(@Nullable ModelConfigText config, EngineFactors factors) {
    FactorSet longest = factors.longest();
    String arch = architecture(config);
    String rope = arch + ".rope.";
    int window = factors.originalWindow();
    GgufWriter gguf =
        new GgufWriter()
            .string("general.architecture", arch)
            .string("general.type", "model")
            .string("general.name", "LongRoPE rescale factors")
            .uint32(arch + ".context_length", factors.targetLength())
            .uint32(rope + "dimension_count", 2 * longest.factors().pairs())
            .string(rope + "scaling.type", "longrope")
            .uint32(rope + "scaling.original_context_length", window)
            .float32(rope + "scaling.attn_factor", factors.longAttention())
            // Not <arch>.rope.scaling.factor: llama.cpp divides every angle by it whatever the
            // type, on top of the tensors, and so interpolates twice. Its converters leave it out.
            .float32("longrope.extension_ratio", (double) factors.targetLength() / window);
    if (longest.startTokens() != null) {
      gguf.uint32("longrope.start_tokens", longest.startTokens());
    }
    if (factors.sets().isTable()) {
      table(gguf, factors.sets().sets());
    }
    gguf.vector("rope_factors_long.weight", longest.factors())
        .vector("rope_factors_short.weight", factors.shortFactors());
    return gguf.build();
  }

  /**
   * Returns the name of the model's family in llama.cpp.
   *
   * @param config the model's; null: llama
   * @throws BadInputException if llama.cpp reads no factors for the family
   */
  static String architecture(@Nullable ModelConfigText config) {
    if (config == null) {
      return LLAMA;
    }
    String type = config.spec().modelType();
    String architecture = ARCHITECTURES.get(type);
    AttentionSpec attention = config.spec().attention();
    boolean scaled =
        attention.latent() != null
            && Math.abs(attention.scale() * Math.sqrt(attention.keyWidth()) - 1) > 1e-12;
    if (architecture == null || scaled) {
      throw BadInputException.of(
          "Cannot export to gguf for a %s%s: llama.cpp reads rope factors as this program writes"
              + " them for %s alone; take hf.",
          type,
          scaled ? " whose scores have a factor of their own (mscale_all_dim)" : "",
          String.join(", ", new TreeSet<>(ARCHITECTURES.keySet())));
    }
    return architecture;
  }

  /** Adds all sets by ascending length, their λ concatenated. */
  private static void table(GgufWriter gguf, List<FactorFile.Named> sets) {
    gguf.uint32s(
            "longrope.table.lengths",
            sets.stream().mapToInt(FactorFile.Named::targetLength).toArray())
        .uint32s(
            "longrope.table.start_tokens",
            sets.stream().map(FactorFile.Named::set).mapToInt(GgufExport::startTokens).toArray())
        .float64s(
            "longrope.table.attention_factors",
            sets.stream()
                .map(FactorFile.Named::set)
                .mapToDouble(EngineFactors::attention)
                .toArray())
        .float64s(
            "longrope.table.rescale_factors",
            sets.stream()
                .flatMap(named -> named.set().factors().toList().stream())
                .mapToDouble(Double::doubleValue)
                .toArray());
  }

  private static int startTokens(FactorSet set) {
    return set.startTokens() == null ? 0 : set.startTokens();
  }
}
