package org.longrope.driver.factors;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.FileUtil;
import org.longrope.driver.factors.FactorExport.Written;
import org.longrope.driver.factors.gguf.GgmlType;
import org.longrope.driver.factors.gguf.GgufCopy;
import org.longrope.driver.factors.gguf.GgufFile;
import org.longrope.driver.factors.gguf.GgufMetadata;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.AtomicFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.QueryScales;

/**
 * Export of factors into a copy of a model's GGUF file, which llama.cpp reads without any option;
 * query scales go into its weights.
 *
 * @param export of format gguf; its model may be absent
 * @param gguf the model's file, on any file system
 */
public record GgufModelExport(FactorExport export, StoredFile gguf) {
  private static final Pattern SPLIT = Pattern.compile(".*-\\d{5}-of-(\\d{5})\\.gguf");
  private static final String OWN = "longrope.";
  private static final String FOLDED = OWN + QueryScalesJson.FOLDED;

  /**
   * Writes the copy, whole or not at all.
   *
   * @param warnings receives a sentence for each value that the file can't hold
   * @throws BadInputException if the file is damaged or of another model, the factors don't fit it,
   *     or a file is in the way
   */
  public Written write(Consumer<String> warnings) {
    requireUsable();
    export.factors().warnIfNothing(warnings);
    Path temporary = null;
    try {
      Path local;
      if (gguf.location().isRemote()) {
        temporary = Files.createTempDirectory("longrope-gguf-");
        local = temporary.resolve("model.gguf");
        try (InputStream stream = gguf.open()) {
          Files.copy(stream, local);
        }
      } else {
        local = gguf.location().local();
      }
      return write(GgufModel.of(GgufFile.read(local), gguf), warnings);
    } catch (IOException e) {
      throw new BadInputException(
          "Cannot write " + export.output() + " from " + gguf + " (" + e + "); check both paths.",
          e);
    } finally {
      if (temporary != null) {
        FileUtil.fullyDelete(temporary.toFile());
      }
    }
  }

  private void requireUsable() {
    if (export.format() != FactorExport.Format.GGUF) {
      throw BadInputException.of(
          "--gguf is given with --format %s: expected --format gguf, or no --gguf.",
          export.format());
    }
    var split = SPLIT.matcher(gguf.name());
    if (split.matches() && Integer.parseInt(split.group(1)) > 1) {
      throw BadInputException.of(
          "%s is one of %d files of a split model: expected one file; merge them first by"
              + " llama-gguf-split --merge.",
          gguf, Integer.parseInt(split.group(1)));
    }
    try {
      if (gguf.isSameFile(export.output())) {
        throw BadInputException.of(
            "Cannot export onto %s: that is the model's own GGUF; give another --output.", gguf);
      }
    } catch (IOException e) {
      throw new BadInputException("Cannot look at " + gguf + ": " + e, e);
    }
  }

  private Written write(GgufModel model, Consumer<String> warnings) throws IOException {
    FactorFile given = export.factors();
    QueryScales scales = ScalesExport.common(given);
    if (model.file().has(FOLDED)) {
      ScalesExport.requireNone(gguf.toString(), given);
    }
    ModelConfigText config = export.modelConfig();
    if (config == null) {
      config = model.config();
      requireFit(model, given);
    } else {
      new GgufBase(model, given, warnings).requireSame(config);
    }
    FactorFile factors = given.withoutQueryScales();
    if (export.modelDirectory() == null) {
      factors = new GgufBase(model, factors, warnings).folded();
    }
    EngineFactors settled = EngineFactors.settle(export.withFactors(factors), config, warnings);
    GgufCopy copy = copy(model, settled, scales);
    if (!scales.isNone()) {
      new GgufQueryRows(model, scales).fold(copy);
    }
    save(copy);
    new EngineLosses(settled, warnings).gguf(model.architecture(), null);
    List<String> notes = new ArrayList<>(List.of("Wrote " + export.output()));
    if (copy.scaledTensors() > 0) {
      notes.add(describe(copy));
    }
    return new Written(export.output(), notes);
  }

  private static void requireFit(GgufModel model, FactorFile factors) {
    ModelConfigText config = model.config();
    factors.sets().forEach(named -> named.set().requireFit(config.spec(), named.name()));
  }

  private static GgufCopy copy(GgufModel model, EngineFactors factors, QueryScales scales) {
    GgufMetadata keys = new GgufMetadata();
    GgufExport.addKeys(keys, model.architecture(), factors);
    if (!scales.isNone()) {
      keys.string(FOLDED, QueryScalesJson.summary(scales).toString());
    }
    String scaling = model.architecture() + ".rope.scaling.";
    // What llama.cpp would apply on top: a factor, and YaRN's settings.
    return new GgufCopy(
            model.file(),
            keys,
            key ->
                (key.startsWith(scaling) && !key.equals(scaling + "finetuned"))
                    || key.equals(model.architecture() + ".rope.scale_linear")
                    || (key.startsWith(OWN) && !key.equals(FOLDED)),
            // It has a place in files of other rope types alone; llama.cpp rejects any other
            // tensor.
            GgufModel.FREQUENCIES::equals)
        .vector(GgufExport.LONG, GgufExport.floats(factors.longest().factors()))
        .vector(GgufExport.SHORT, GgufExport.floats(factors.shortFactors()));
  }

  private void save(GgufCopy copy) throws IOException {
    StoredFile output = export.output();
    if (output.isDirectory()) {
      throw BadInputException.of(
          "Cannot write %s: it is a directory; name a file in it (--output).", output);
    }
    if (output.location().isRemote()) {
      Path directory = Files.createTempDirectory("longrope-gguf-");
      try {
        if (!export.force() && output.isFile()) {
          throw inTheWay();
        }
        Path part = directory.resolve("copy.gguf");
        copy.write(part);
        output.copyFrom(part);
      } finally {
        FileUtil.fullyDelete(directory.toFile());
      }
      return;
    }
    Path target = output.location().local().toAbsolutePath();
    boolean kept = !export.force() && Files.isRegularFile(target);
    if (kept && Files.size(target) != copy.size()) {
      throw inTheWay();
    }
    Files.createDirectories(Objects.requireNonNull(target.getParent(), "absolute"));
    Path part = target.resolveSibling(AtomicFile.partName(output.name()));
    try {
      copy.write(part);
      if (kept && Files.mismatch(part, target) >= 0) {
        throw inTheWay();
      }
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private BadInputException inTheWay() {
    return BadInputException.of(
        "%s exists and has other content: expected a new file; choose another --output, or replace"
            + " it by --force.",
        export.output());
  }

  private static String describe(GgufCopy copy) {
    return String.format(
        Locale.ROOT,
        "Folded the query scales into %d tensors (%s): rounding changes a weight, or the scale of a"
            + " block of weights, by %.2g of its value at most",
        copy.scaledTensors(),
        copy.scaledTypes().stream().map(GgmlType::name).collect(Collectors.joining(", ")),
        copy.rounding());
  }
}
