package org.longrope.driver.factors;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.driver.store.files.WorkingCopy;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.checkpoint.FoldedWeights;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.QueryScales;

/**
 * Export of factors in the form that an engine reads. Engines hold at most two sets and have no
 * field for start tokens; each export warns of what is lost, and keeps for our own reading what its
 * file can hold.
 *
 * @param factors what to export
 * @param modelDirectory the Hugging Face directory they are for; hf and peft need it, the others
 *     check it
 * @param format of what is written
 * @param output the file; for hf a directory that a loader reads, or a file named *.json; for peft
 *     the adapter's directory
 * @param targetLength tokens; overrides the file's, and stands in where it has none; of one set
 * @param attentionFactor overrides the file's; where neither has one, su as Hugging Face computes
 * @param shortFactors for texts within the original window; null: those found for it if they are
 *     among the factors, else the model's own
 * @param contents of a directory
 * @param force whether files of other content are replaced
 */
public record FactorExport(
    FactorFile factors,
    @Nullable StoredFile modelDirectory,
    Format format,
    StoredFile output,
    @Nullable Integer targetLength,
    @Nullable AttentionFactor attentionFactor,
    @Nullable ShortFactors shortFactors,
    Contents contents,
    boolean force) {

  private static final String CONFIG = "config.json";

  /** Selection of the files that hf writes into a directory. */
  public enum Contents {
    /** config.json alone. */
    CONFIG,
    /** All that a loader reads, with copies of the weights. */
    COPIES,
    /** All that a loader reads, with hard links to the weights where the file system has them. */
    LINKS
  }

  /**
   * Result of an export.
   *
   * @param file that was written; config.json for hf
   * @param notes sentences for the user: what was written, and which files the user must add
   */
  public record Written(StoredFile file, List<String> notes) {}

  /** Format of the written file. */
  public enum Format {
    HF,
    CSV,
    GGUF,
    PEFT;

    /** Reads the name of a format from the command line. */
    public static Format parse(String text) {
      for (Format format : values()) {
        if (format.toString().equals(text)) {
          return format;
        }
      }
      throw BadInputException.of("Unknown format '%s': expected hf, csv, gguf or peft.", text);
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @param warnings receives a sentence for each value that the format can't hold
   * @throws BadInputException if the factors don't fit the model or lack what the format needs, or
   *     a file is in the way
   */
  public Written write(Consumer<String> warnings) {
    ModelConfigText config = modelConfig();
    factors.warnIfNothing(warnings);
    ScalesExport.of(factors, format);
    return switch (format) {
      case CSV -> writeCsv(warnings);
      case GGUF -> writeGguf(config, warnings);
      case HF -> writeHf(requireModel(config), warnings);
      case PEFT -> writePeft(requireModel(config));
    };
  }

  /**
   * Builds the config.json that hf writes.
   *
   * @param warnings receives a sentence for each value that it can't hold
   * @throws BadInputException if the factors don't fit the model
   */
  public ObjectNode configJson(Consumer<String> warnings) {
    return hf(requireModel(modelConfig()), warnings);
  }

  @Nullable ModelConfigText modelConfig() {
    ModelConfigText config = modelDirectory == null ? null : ModelConfigText.read(modelDirectory);
    if (config != null) {
      factors.sets().forEach(named -> named.set().requireFit(config.spec(), named.name()));
      ScalesExport.requireUnfolded(config.file().toString(), config.json(), factors);
    }
    return config;
  }

  private ModelConfigText requireModel(@Nullable ModelConfigText config) {
    if (config == null) {
      throw BadInputException.of(
          "Cannot export to %s without a model: give --model DIR, whose config.json is read.",
          format);
    }
    return config;
  }

  private Written writeCsv(Consumer<String> warnings) {
    if (factors.isTable()) {
      throw BadInputException.of(
          "Cannot export %s to csv: they are %d sets and a CSV file holds one row; give one"
              + " --factors, or take hf or gguf.",
          factors.name(), factors.sets().size());
    }
    if (shortFactors != null) {
      throw new BadInputException(
          "--short-factors is given, and a CSV row holds the long factors alone: leave it out, or"
              + " take hf or gguf.");
    }
    FactorSet set = factors.longest();
    Written written =
        writeFile(output, FactorCsv.print(set.factors()).getBytes(StandardCharsets.UTF_8));
    if (set.attentionFactor() != null && set.attentionFactor() != 1) {
      warnings.accept(
          String.format(
              "A CSV row holds the factors alone: attention factor %s is lost, give it when reading"
                  + " %s.",
              set.attentionFactor(), output));
    }
    EngineLosses.startTokens(factors, "", warnings);
    return written;
  }

  private Written writeGguf(@Nullable ModelConfigText config, Consumer<String> warnings) {
    EngineFactors settled = EngineFactors.settle(this, config, warnings);
    Written written = writeFile(output, GgufExport.build(config, settled));
    String baseType =
        config == null || config.base().isPlain() ? null : config.spec().rope().scaling().type();
    new EngineLosses(settled, warnings).gguf(GgufExport.architecture(config), baseType);
    return written;
  }

  private Written writeHf(ModelConfigText config, Consumer<String> warnings) {
    boolean isFile = !output.isDirectory() && output.name().endsWith(".json");
    StoredFile file = isFile ? output : output.resolve(CONFIG);
    refuseOwnConfig(config.file(), file);
    List<String> losses = new ArrayList<>();
    ObjectNode extended = hf(config, losses::add);
    StoredFile model = Objects.requireNonNull(modelDirectory, "has a config");
    QueryScales scales = factors.longest().queryScales();
    List<String> notes;
    if (isFile || contents == Contents.CONFIG) {
      if (!scales.isNone()) {
        losses.add(ScalesExport.LOST_BY_CONFIG);
      }
      String json = FactorJson.print(extended);
      notes = new ArrayList<>(writeFile(file, json.getBytes(StandardCharsets.UTF_8)).notes());
      notes.add(
          model.location().isRemote()
              ? "To load it, name it config.json and add the other files of " + model
              : ModelDirectory.lacking(model.location().local()));
    } else {
      notes = writeDirectory(model.location().local(), extended, scales);
    }
    losses.forEach(warnings);
    return new Written(file, notes);
  }

  private ObjectNode hf(ModelConfigText config, Consumer<String> warnings) {
    EngineFactors settled =
        EngineFactors.settle(withFactors(factors.withoutQueryScales()), config, warnings);
    ObjectNode json = HfExport.extended(config, settled, warnings);
    new EngineLosses(settled, warnings).hf(config.spec().modelType());
    return json;
  }

  FactorExport withFactors(FactorFile others) {
    return new FactorExport(
        others,
        modelDirectory,
        format,
        output,
        targetLength,
        attentionFactor,
        shortFactors,
        contents,
        force);
  }

  private List<String> writeDirectory(Path model, ObjectNode config, QueryScales scales) {
    if (output.location().isRemote()) {
      requireEmpty();
    }
    FoldedWeights folded = null;
    if (!scales.isNone()) {
      folded = new FoldedWeights(Checkpoint.open(model), scales);
      ScalesExport.recordFolded(config, scales);
    }
    try (WorkingCopy copy = WorkingCopy.of(output)) {
      List<String> notes =
          new ModelDirectory(model, copy.path(), contents == Contents.LINKS, force, folded)
              .write(FactorJson.print(config));
      copy.publishAll(name -> name.equals(CONFIG));
      return output.location().isRemote() ? List.of("Wrote " + output) : notes;
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private Written writePeft(ModelConfigText config) {
    QueryScales scales = factors.longest().queryScales();
    if (scales.isNone()) {
      throw BadInputException.of(
          "Cannot export %s to peft: it has no query scales, which the adapter would hold; take"
              + " hf.",
          factors.name());
    }
    if (contents != Contents.COPIES) {
      throw new BadInputException(
          "--config-only and --link choose files of --format hf: leave them out with peft.");
    }
    StoredFile model = Objects.requireNonNull(modelDirectory, "has a config");
    PeftExport adapter = new PeftExport(config, model.name(), scales);
    requireEmpty();
    try {
      return new Written(output.resolve(PeftExport.CONFIG), adapter.write(output));
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private void requireEmpty() {
    if (!force && output.isDirectory() && !output.isEmpty()) {
      throw BadInputException.of(
          "%s is not empty: expected a new directory; choose another --output, or replace its files"
              + " by --force.",
          output);
    }
  }

  private BadInputException unwritable(IOException e) {
    return new BadInputException(
        "Cannot write into " + output + " (" + e + "); name a directory that can be written.", e);
  }

  private Written writeFile(StoredFile file, byte[] content) {
    try {
      ModelDirectory.requireFree(file, content, force);
    } catch (IOException e) {
      throw new BadInputException("Cannot look at " + file + ": " + e, e);
    }
    WholeFile.write(file, content);
    return new Written(file, List.of("Wrote " + file));
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
