package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.factors.FactorExport;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.GgufModelExport;
import org.longrope.driver.factors.ShortFactors;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.recipe.CostEstimate;
import org.longrope.driver.recipe.RecipeCommand;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.AttentionFactor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Section("Export and report")
@Command(
    name = "export",
    description = "Writes found factors as other programs read them.",
    footer = {
      "bin/longrope export --factors runs/quickstart/run/factors.json --format hf \\",
      "    --model search-driver/demonstration --output runs/demonstration-2k"
    })
final class ExportCommand implements Callable<Integer>, RecipeCommand {
  @Option(
      names = "--factors",
      required = true,
      paramLabel = "FILE",
      description =
          "factors.json, a CSV row or a Hugging Face config.json. Repeatable: each file serves"
              + " lengths up to its own target length.")
  List<FileLocation> factors = new ArrayList<>();

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Hugging Face checkpoint of the model; required with --format hf and peft.")
  @Nullable FileLocation model;

  @Option(
      names = "--gguf",
      paramLabel = "FILE",
      description =
          "With --format gguf the model's GGUF, of which a copy with the factors is written."
              + " Without it the file has the factors alone.")
  @Nullable FileLocation gguf;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "FORMAT",
      description = "hf, csv, gguf or peft (an adapter of the query scales alone).")
  String format = "";

  @Option(
      names = "--output",
      required = true,
      paramLabel = "PATH",
      description =
          "File to write. With --format hf a directory that loads, or config.json alone if PATH"
              + " ends in .json; with --format peft a directory.")
  FileLocation output = FileLocation.parse("");

  @Option(
      names = "--target-length",
      paramLabel = "N",
      description = "Length of the factors, where the file does not say it (CSV).")
  @Nullable Integer targetLength;

  @Option(
      names = "--attention-factor",
      paramLabel = "A",
      description = "none, su, yarn or a number. Default: as in the file, else su.")
  @Nullable String attentionFactor;

  @Option(
      names = "--short-factors",
      paramLabel = "F",
      description =
          "Factors within the original window: long, original or found. Default: found where"
              + " --factors has a set for it, else original.")
  @Nullable String shortFactors;

  @Option(
      names = "--config-only",
      description = "With --format hf write config.json without tokenizer and weights.")
  boolean configOnly;

  @Option(
      names = "--link",
      description =
          "Hard-link the weights instead of copying them. Then save nothing over them: they are"
              + " the model's own files.")
  boolean link;

  @Option(names = "--force", description = "Replace files that exist.")
  boolean force;

  @Mixin QueryScalesOption queryScales = new QueryScalesOption();

  @Mixin HadoopOptions files = new HadoopOptions();
  @Mixin CommonOptions common = new CommonOptions();

  @Override
  public CostEstimate estimate(ArtifactCatalog known) {
    FactorExport.Format written = FactorExport.Format.parse(format);
    boolean needsModel = written == FactorExport.Format.HF || written == FactorExport.Format.PEFT;
    if (needsModel && model == null) {
      throw BadInputException.of(
          "--format %s needs a model: expected --model DIR, whose config.json is read.", written);
    }
    if (written == FactorExport.Format.CSV && factors.size() > 1) {
      throw new BadInputException("--format csv holds one set of factors: expected one --factors.");
    }
    if (written != FactorExport.Format.GGUF && gguf != null) {
      throw BadInputException.of(
          "--gguf is given with --format %s: expected --format gguf, or no --gguf.", written);
    }
    if (attentionFactor != null) {
      AttentionFactor.parse(attentionFactor);
    }
    if (shortFactors != null) {
      ShortFactors.parse(shortFactors);
    }
    contents();
    known.requireLengths(factors);
    FileLocation checkpoint = model;
    if (checkpoint != null) {
      factors.forEach(file -> known.requirePairs(file, checkpoint.toString()));
    }
    return CostEstimate.NONE;
  }

  @Override
  public Integer call() {
    Configuration hadoop = files.hadoop();
    FactorExport.Format written = FactorExport.Format.parse(format);
    FactorExport export =
        new FactorExport(
            FactorFile.join(
                factors.stream()
                    .map(file -> queryScales.of(FactorFile.read(file.on(hadoop), Progress::warn)))
                    .toList()),
            model(written, hadoop),
            written,
            output.on(hadoop),
            targetLength,
            attentionFactor == null ? null : AttentionFactor.parse(attentionFactor),
            shortFactors == null ? null : ShortFactors.parse(shortFactors),
            contents(),
            force);
    FactorExport.Written result =
        gguf == null
            ? export.write(Progress::warn)
            : new GgufModelExport(export, gguf.on(hadoop)).write(Progress::warn);
    result.notes().forEach(System.out::println);
    return 0;
  }

  /** Returns the model's directory, or a copy on this host if its weights will be exported. */
  private @Nullable StoredFile model(FactorExport.Format written, Configuration hadoop) {
    FileLocation named = model;
    if (named == null) {
      return null;
    }
    boolean wanted =
        written == FactorExport.Format.HF
            && contents() != FactorExport.Contents.CONFIG
            && !output.name().endsWith(".json");
    return wanted && named.isRemote()
        ? StoredFile.of(ModelCache.ofHost().open(named.text(), null, hadoop).directory())
        : named.on(hadoop);
  }

  private FactorExport.Contents contents() {
    if (configOnly && link) {
      throw new BadInputException(
          "--config-only and --link exclude each other: --config-only writes no weights; give one"
              + " of them.");
    }
    return configOnly
        ? FactorExport.Contents.CONFIG
        : link ? FactorExport.Contents.LINKS : FactorExport.Contents.COPIES;
  }
}
