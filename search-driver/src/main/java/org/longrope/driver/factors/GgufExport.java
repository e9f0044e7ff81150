package org.longrope.driver.factors;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.gguf.GgufMetadata;
import org.longrope.driver.factors.gguf.GgufWriter;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.AttentionSpec;
import org.longrope.eval.rope.RescaleFactors;

/** Factor tensors and keys for llama.cpp, as a small separate GGUF. */
final class GgufExport {
  static final String ARCHITECTURE = "general.architecture";
  static final String LLAMA = "llama";
  static final String LONG = "rope_factors_long.weight";
  static final String SHORT = "rope_factors_short.weight";

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
    String arch = architecture(config);
    GgufMetadata keys =
        new GgufMetadata()
            .string(ARCHITECTURE, arch)
            .string("general.type", "model")
            .string("general.name", "LongRoPE rescale factors");
    addKeys(keys, arch, factors);
    return new GgufWriter(keys)
        .vector(LONG, floats(factors.longest().factors()))
        .vector(SHORT, floats(factors.shortFactors()))
        .build();
  }

  /** Adds the keys with which llama.cpp reads the factor tensors, and those that it passes over. */
  static void addKeys(GgufMetadata keys, String arch, EngineFactors factors) {
    FactorSet longest = factors.longest();
    String rope = arch + ".rope.";
    int window = factors.originalWindow();
    keys.uint32(arch + ".context_length", factors.targetLength())
        .uint32(rope + "dimension_count", 2 * longest.factors().pairs())
        .string(rope + "scaling.type", "longrope")
        .uint32(rope + "scaling.original_context_length", window)
        .float32(rope + "scaling.attn_factor", factors.longAttention())
        // Not <arch>.rope.scaling.factor: llama.cpp divides every angle by it whatever the
        // type, on top of the tensors, and so interpolates twice. Its converters leave it out.
        .float32("longrope.extension_ratio", (double) factors.targetLength() / window);
    if (longest.startTokens() != null) {
      keys.uint32("longrope.start_tokens", longest.startTokens());
    }
    if (factors.sets().isTable()) {
      table(keys, factors.sets().sets());
    }
  }

  /** Returns factors as a tensor has them. */
  static float[] floats(RescaleFactors factors) {
    float[] floats = new float[factors.pairs()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) factors.get(i);
    }
    return floats;
  }

  /** Tells whether llama.cpp's graph of an architecture reads factors. */
  static boolean readsFactors(String architecture) {
    return ARCHITECTURES.containsValue(architecture);
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
  private static void table(GgufMetadata keys, List<FactorFile.Named> sets) {
    keys.uint32s(
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
