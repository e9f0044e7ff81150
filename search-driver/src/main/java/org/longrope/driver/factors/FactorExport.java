package org.longrope.driver.factors;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.AttentionFactor;

/**
 * Writes factors in the form an engine consumes. Engines hold at most two sets and have no field
 * for start tokens; each export says what is lost, and keeps what its file can for our own reading.
 *
 * @param factors what to export
 * @param modelDirectory the Hugging Face directory they are for; hf needs it, the others check it
 * @param format hf, csv or gguf
 * @param output the file; for hf also a directory, which gets a config.json
 * @param targetLength tokens; overrides the file's, and stands in where it has none; of one set
 * @param attentionFactor overrides the file's; where neither says, su as Hugging Face does
 */
public record FactorExport(
    FactorSets factors,
    @Nullable StoredFile modelDirectory,
    Format format,
    StoredFile output,
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
  public StoredFile write(Consumer<String> warnings) {
    HfConfig config = modelDirectory == null ? null : HfConfig.read(modelDirectory);
    if (config != null) {
      factors.sets().forEach(named -> named.set().requirePairs(config.rotaryPairs(), named.name()));
    }
    if (factors.longest().rescalesNothing()) {
      warnings.accept(
          String.format(
              "%s rescales nothing: the model needs no rescaling at this length, and is served as"
                  + " it is.",
              factors.name()));
    }
    return switch (format) {
      case CSV -> writeCsv(warnings);
      case GGUF -> writeGguf(config, warnings);
      case HF -> writeHf(config, warnings);
    };
  }

  private StoredFile writeCsv(Consumer<String> warnings) {
    if (factors.isTable()) {
      throw BadInputException.of(
          "Cannot export %s to csv: they are %d sets and a CSV file holds one row; give one"
              + " --factors, or take hf or gguf.",
          factors.name(), factors.sets().size());
    }
    FactorSet set = factors.longest();
    WholeFile.write(output, FactorFiles.toCsv(set.factors()).getBytes(StandardCharsets.UTF_8));
    if (set.attentionFactor() != null && set.attentionFactor() != 1) {
      warnings.accept(
          String.format(
              "A CSV row holds the factors alone: attention factor %s is lost, give it when reading"
                  + " %s.",
              set.attentionFactor(), output));
    }
    EngineLosses.startTokens(factors, "", warnings);
    return output;
  }

  private StoredFile writeGguf(@Nullable HfConfig config, Consumer<String> warnings) {
    EngineFactors settled = EngineFactors.settle(this, config, warnings);
    WholeFile.write(output, GgufExport.build(config, settled));
    new EngineLosses(settled, warnings).gguf();
    return output;
  }

  private StoredFile writeHf(@Nullable HfConfig config, Consumer<String> warnings) {
    if (config == null) {
      throw new BadInputException(
          "Cannot export to hf without a model: give --model DIR, whose config.json is copied.");
    }
    boolean isFile = !output.isDirectory() && output.name().endsWith(".json");
    StoredFile file = isFile ? output : output.resolve("config.json");
    refuseOwnConfig(config.file(), file);
    EngineFactors settled = EngineFactors.settle(this, config, warnings);
    String json = FactorJson.print(HfExport.extended(config, settled, warnings));
    WholeFile.write(file, json.getBytes(StandardCharsets.UTF_8));
    new EngineLosses(settled, warnings).hf();
    return file;
  }

  private static void refuseOwnConfig(StoredFile own, StoredFile file) {
    try {
      if (own.isSameFile(file)) {
        throw BadInputException.of(
            "Cannot export onto %s: that is the model's own config.json; give another --output.",
            file);
      }
    } catch (IOException e) {
      throw new BadInputException("Cannot look at " + file + ": " + e, e);
    }
  }
}
