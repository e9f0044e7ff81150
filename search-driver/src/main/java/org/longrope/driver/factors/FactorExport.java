package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Writes factors in the form an engine consumes. No engine has a field for start tokens; each
 * export says so when there are any.
 *
 * @param factors what to export
 * @param name the factors' file, for messages
 * @param modelDirectory the Hugging Face directory they are for; hf needs it, the others check it
 * @param format hf, csv or gguf
 * @param output the file; for hf also a directory, which gets a config.json
 * @param targetLength tokens; overrides the file's, and stands in where it has none
 * @param attentionFactor overrides the file's; where neither says, su as Hugging Face does
 */
public record FactorExport(
    FactorSet factors,
    String name,
    @Nullable Path modelDirectory,
    Format format,
    Path output,
    @Nullable Integer targetLength,
    @Nullable AttentionFactor attentionFactor) {

  /** What can be written. */
  public enum Format {
    HF,
    CSV,
    GGUF;

    /** The format of that name on the command line. */
    public static Format parse(String text) {
      for (Format format : values()) {
        if (format.toString().equals(text)) {
          return format;
        }
      }
      throw BadInputException.of("Unknown format '%s': expected hf, csv or gguf.", text);
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @param warnings told in one sentence what the format can't carry
   * @return the file that was written
   * @throws BadInputException if the factors don't fit the model or lack what the format needs
   */
  public Path write(Consumer<String> warnings) {
    HfConfig config = modelDirectory == null ? null : HfConfig.read(modelDirectory);
    if (config != null) {
      factors.requirePairs(config.rotaryPairs(), name);
    }
    Path file =
        switch (format) {
          case CSV -> writeCsv(warnings);
          case GGUF -> writeGguf(config, complete(config, warnings));
          case HF -> writeHf(config, warnings);
        };
    if (factors.startTokens() != null && factors.startTokens() > 0) {
      warnings.accept(
          String.format(
              "Engines have no field for start tokens and will interpolate the first %d positions"
                  + " too%s.",
              factors.startTokens(),
              format == Format.CSV ? "" : "; the file keeps their number for us alone"));
    }
    return file;
  }

  private Path writeCsv(Consumer<String> warnings) {
    if (factors.attentionFactor() != null && factors.attentionFactor() != 1) {
      warnings.accept(
          String.format(
              "A CSV row holds the factors alone: attention factor %s is lost, give it when reading"
                  + " %s.",
              factors.attentionFactor(), output));
    }
    String row = FactorFiles.toCsv(factors.factors());
    WholeFile.write(output, row.getBytes(StandardCharsets.UTF_8));
    return output;
  }

  private Path writeGguf(@Nullable HfConfig config, FactorSet set) {
    String type = config == null ? "llama" : config.modelType();
    // llama.cpp runs Mistral under llama; for the other families the names agree.
    String arch = type.isEmpty() || type.equals("mistral") ? "llama" : type;
    String rope = arch + ".rope.";
    GgufWriter gguf =
        new GgufWriter()
            .string("general.architecture", arch)
            .string("general.type", "model")
            .string("general.name", "LongRoPE rescale factors")
            .uint32(arch + ".context_length", requireNonNull(set.targetLength()))
            .uint32(rope + "dimension_count", 2 * set.factors().pairs())
            .string(rope + "scaling.type", "longrope")
            .uint32(rope + "scaling.original_context_length", requireNonNull(set.originalWindow()))
            .float32(rope + "scaling.attn_factor", requireNonNull(set.attentionFactor()))
            // Not <arch>.rope.scaling.factor: llama.cpp divides every angle by it whatever the
            // type, on top of the tensors, and so interpolates twice. Its converters leave it out.
            .float32("longrope.extension_ratio", requireNonNull(set.extensionRatio()));
    if (set.startTokens() != null) {
      gguf.uint32("longrope.start_tokens", set.startTokens());
    }
    gguf.vector("rope_factors_long.weight", set.factors())
        .vector("rope_factors_short.weight", set.shortFactorsOrOnes());
    WholeFile.write(output, gguf.build());
    return output;
  }

  private Path writeHf(@Nullable HfConfig config, Consumer<String> warnings) {
    if (config == null) {
      throw new BadInputException(
          "Cannot export to hf without a model: give --model DIR, whose config.json is copied.");
    }
    boolean isFile =
        !Files.isDirectory(output) && String.valueOf(output.getFileName()).endsWith(".json");
    Path file = isFile ? output : output.resolve("config.json");
    refuseOwnConfig(config.file(), file);
    FactorSet set = complete(config, warnings);
    String json = FactorJson.print(extended(config, set, warnings));
    WholeFile.write(file, json.getBytes(StandardCharsets.UTF_8));
    return file;
  }

  /** A copy of config.json for transformers 4 and 5. */
  private static ObjectNode extended(HfConfig config, FactorSet set, Consumer<String> warnings) {
    ObjectNode full = FactorJson.ropeScaling(set);
    JsonNode own = full.remove("longrope");
    ObjectNode parameters = JsonNodeFactory.instance.objectNode();
    ObjectNode json = config.json().deepCopy();
    for (String key : List.of("rope_theta", "partial_rotary_factor")) {
      JsonNode value = config.rotation(key);
      if (value != null) {
        parameters.set(key, value);
        // Version 5 lets rope_scaling win over rope_parameters and then looks for these at the top,
        // as version 4 does; without them the base would silently fall back to 10,000.
        json.set(key, value);
      }
    }
    parameters.setAll(full);
    json.set("rope_scaling", config.modelType().equals("phi3") ? phi3(set, warnings) : full);
    json.set("rope_parameters", parameters);
    json.put("max_position_embeddings", set.targetLength());
    json.put("original_max_position_embeddings", set.originalWindow());
    json.set("longrope", own);
    return json;
  }

  /** Phi-3's own check in version 4 refuses any other key, so there is no attention factor. */
  private static ObjectNode phi3(FactorSet set, Consumer<String> warnings) {
    double su = attention(AttentionFactor.SU, set);
    double wanted = requireNonNull(set.attentionFactor());
    if (!(Math.abs(wanted - su) <= 1e-6 * su)) {
      warnings.accept(
          String.format(
              "Phi-3's rope_scaling has no field for the attention factor: transformers computes su"
                  + " (%s) instead of %s; with version 5 delete rope_scaling from the written file,"
                  + " and rope_parameters is used.",
              su, wanted));
    }
    ObjectNode rope = JsonNodeFactory.instance.objectNode();
    rope.put("type", "longrope");
    rope.set("short_factor", FactorJson.list(set.shortFactorsOrOnes()));
    rope.set("long_factor", FactorJson.list(set.factors()));
    return rope;
  }

  /** The set with window, ratio and attention factor settled; an engine needs all three. */
  private FactorSet complete(@Nullable HfConfig config, Consumer<String> warnings) {
    Integer window = factors.originalWindow();
    if (config != null) {
      int models = config.originalWindow();
      if (window != null && window != models) {
        warnings.accept(
            String.format(
                "Factors in %s extend a window of %d tokens, %s says %d; %d is written.",
                name, window, config.file(), models, window));
      }
      window = window != null ? window : (Integer) models;
    }
    if (window == null) {
      throw BadInputException.of(
          "Cannot export %s to %s: it has no original window; use a factors.json or give --model.",
          name, format);
    }
    Double ratio =
        targetLength == null ? factors.extensionRatio() : (Double) ((double) targetLength / window);
    if (ratio == null) {
      throw BadInputException.of(
          "Cannot export %s to %s: it has no extension ratio; use a factors.json or give"
              + " --target-length.",
          name, format);
    }
    if (!(ratio > 0 && ratio * window <= Integer.MAX_VALUE)) {
      throw BadInputException.of(
          "Cannot export %s to %s: %s times the original window of %d tokens is no usable length;"
              + " give --target-length.",
          name, format, ratio, window);
    }
    FactorSet set = with(window, ratio, factors.attentionFactor());
    if (attentionFactor != null) {
      return with(window, ratio, attention(attentionFactor, set));
    }
    if (set.attentionFactor() == null) {
      double su = attention(AttentionFactor.SU, set);
      warnings.accept(
          String.format(
              "%s has no attention factor: su's %s is written, as transformers would take it.",
              name, su));
      return with(window, ratio, su);
    }
    return set;
  }

  private FactorSet with(int window, double ratio, @Nullable Double attention) {
    return new FactorSet(
        factors.factors(),
        factors.startTokens(),
        attention,
        ratio,
        window,
        factors.shortFactors(),
        factors.provenance());
  }

  private static double attention(AttentionFactor attentionFactor, FactorSet set) {
    // No attention factor looks at the base; any will do.
    RopeGeometry rope =
        new RopeGeometry(2 * set.factors().pairs(), 10_000, requireNonNull(set.originalWindow()));
    return attentionFactor.value(rope, requireNonNull(set.targetLength()));
  }

  private static void refuseOwnConfig(Path own, Path file) {
    try {
      if (Files.exists(file) && Files.isSameFile(own, file)) {
        throw BadInputException.of(
            "Cannot export onto %s: that is the model's own config.json; give another --output.",
            file);
      }
    } catch (IOException e) {
      throw new BadInputException("Cannot look at " + file + ": " + e, e);
    }
  }

  private static <T> T requireNonNull(@Nullable T value) {
    return Objects.requireNonNull(value, "settled by complete()");
  }
}
