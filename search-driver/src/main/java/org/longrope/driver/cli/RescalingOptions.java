package org.longrope.driver.cli;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.factors.RescalingRequest;
import org.longrope.driver.factors.ScalesExport;
import org.longrope.driver.recipe.ArtifactCatalog;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.eval.rope.RopeGeometry;
import org.longrope.eval.rope.RopeMethod;
import org.longrope.eval.rope.RopeScaling;
import org.longrope.eval.rope.YarnBetas;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options that choose the measured rescaling: a method, or factors by length. */
@Section("Rescaling")
final class RescalingOptions {
  @Option(
      names = "--method",
      paramLabel = "M",
      description =
          "none, pi, ntk, dynamic-ntk or yarn. Default: the model's own factors, else none.")
  @Nullable String method;

  @Option(
      names = "--factors",
      paramLabel = "FILE",
      description =
          "factors.json, a CSV row or a Hugging Face config.json. Repeatable: each file serves"
              + " lengths up to its own target length.")
  List<FileLocation> files = new ArrayList<>();

  @Mixin QueryScalesOption queryScales = new QueryScalesOption();

  @Option(
      names = "--target-length",
      paramLabel = "N",
      description = "Length that the method extends to, tokens. Default: each length itself.")
  @Nullable Integer targetLength;

  @Option(
      names = "--start-tokens",
      paramLabel = "N",
      description = "First positions that are not rescaled. Default: as in the file, else 0.")
  @Nullable Integer startTokens;

  @Option(
      names = "--attention-factor",
      paramLabel = "A",
      description =
          "none, su, yarn or a number. Default: as in the file, else su; with --method its own.")
  @Nullable String attentionFactor;

  @Option(
      names = "--original-window",
      paramLabel = "N",
      description =
          "Window from which the extension ratio is counted, tokens. Default: as in config.json.")
  @Nullable Integer originalWindow;

  @Option(
      names = "--yarn-betas",
      paramLabel = "FAST,SLOW",
      description = "Turns in the original window between which method yarn blends.")
  String yarnBetas = YarnBetas.DEFAULT.toString();

  @Option(
      names = "--attention-window",
      paramLabel = "W",
      description = "config, none or a number of tokens.")
  String attentionWindow = "config";

  /**
   * Reads the files. A model that was extended has its own factors, unless options name others.
   *
   * @param model location of the checkpoint
   * @param hadoop settings of the files' file systems
   * @throws BadInputException if an option or a file cannot be used, or does not fit the model
   */
  RescalingRequest read(Checkpoint checkpoint, FileLocation model, Configuration hadoop) {
    boolean own = method == null && files.isEmpty() && checkpoint.isExtended();
    RescalingRequest read = own ? ownFactors(checkpoint, model) : requested(hadoop);
    read.requireFit(checkpoint.config());
    if (read.factors() != null) {
      ScalesExport.requireUnfolded(
          StoredFile.of(checkpoint.directory().resolve("config.json")), read.factors());
    }
    return read;
  }

  /**
   * Checks the options before the model and all files are there.
   *
   * @param model path of the checkpoint
   * @throws BadInputException if an option cannot be used, or a file does not fit the model
   */
  void check(String model, ArtifactCatalog known) {
    AttentionWindow.parse(attentionWindow);
    requireValid();
    files.forEach(file -> known.requirePairs(file, model));
    known.requireLengths(files);
  }

  /**
   * Reads the factors in a model's config.json: all sets of an exported table, else those that
   * engines use, one set within the original window and one beyond it.
   */
  private RescalingRequest ownFactors(Checkpoint checkpoint, FileLocation model) {
    FileLocation config = model.resolve("config.json");
    if (targetLength != null) {
      throw BadInputException.of(
          "--target-length is given, but %s has its own factors and lengths: expected it with"
              + " --method or --factors; leave it out.",
          config);
    }
    FactorFile own = FactorFile.read(checkpoint.directory().resolve("config.json"), Progress::warn);
    FactorSet set = own.longest();
    Integer target = set.targetLength();
    if (own.isTable()) {
      return request(own);
    }
    RopeScaling.LongRope published = (RopeScaling.LongRope) checkpoint.config().rope().scaling();
    FactorFile beyond =
        FactorFile.of(
            config.toString(),
            new FactorSet(
                published.longFactors(),
                set.startTokens(),
                published.longAttention(),
                set.extensionRatio(),
                set.originalWindow(),
                null,
                set.attentionWindow(),
                null));
    if (target == null || target <= published.original()) {
      return request(beyond);
    }
    FactorSet within =
        new FactorSet(
            published.shortFactors(),
            0,
            published.shortAttention(),
            1.0,
            published.original(),
            null,
            set.attentionWindow(),
            null);
    return request(
        FactorFile.join(List.of(FactorFile.of(config + " within its window", within), beyond)));
  }

  /** Returns a checkpoint's rotation with the options that override it. */
  RopeGeometry rope(Checkpoint checkpoint) {
    RopeGeometry rope = checkpoint.config().rope().withYarnBetas(YarnBetas.parse(yarnBetas));
    return originalWindow == null ? rope : rope.withOriginalWindow(originalWindow);
  }

  private void requireValid() {
    YarnBetas.parse(yarnBetas);
    if (originalWindow != null && originalWindow < 2) {
      throw BadInputException.of(
          "--original-window is %d: expected 2 or more tokens.", originalWindow);
    }
    if (startTokens != null && startTokens < 0) {
      throw BadInputException.of("--start-tokens is %d: expected 0 or more.", startTokens);
    }
    if (targetLength != null && targetLength < 1) {
      throw BadInputException.of("--target-length is %d: expected 1 or more.", targetLength);
    }
    if (method != null && !files.isEmpty()) {
      throw new BadInputException(
          "--method and --factors both choose the rescaling: expected one of them.");
    }
    if (method != null) {
      RopeMethod.parse(method);
    }
    if (attentionFactor != null) {
      AttentionFactor.parse(attentionFactor);
    }
  }

  private RescalingRequest requested(Configuration hadoop) {
    requireValid();
    if (files.isEmpty()) {
      return request(null);
    }
    FactorFile sets =
        FactorFile.join(
            files.stream()
                .map(file -> queryScales.of(FactorFile.read(file.on(hadoop), Progress::warn)))
                .toList());
    if (targetLength != null && sets.isTable()) {
      throw new BadInputException(
          "--target-length is given, but each of several --factors has its own: expected it with"
              + " a method or one file; leave it out.");
    }
    return request(sets);
  }

  private RescalingRequest request(@Nullable FactorFile factors) {
    return new RescalingRequest(
        method == null ? RopeMethod.NONE : RopeMethod.parse(method),
        factors,
        targetLength,
        startTokens,
        attentionFactor == null ? null : AttentionFactor.parse(attentionFactor));
  }
}
