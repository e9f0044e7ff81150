package org.longrope.driver.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.training.Lora;
import picocli.CommandLine.Option;

/** Options of low-rank adaptation, which trains changes of a model instead of its weights. */
@Section("Low-rank adaptation (LoRA)")
final class LoraOptions {
  @Option(
      names = "--lora-rank",
      paramLabel = "R",
      description = "Rank of the trained changes. Default: all weights are trained.")
  @Nullable Integer loraRank;

  @Option(
      names = "--lora-alpha",
      paramLabel = "A",
      description = "Scale of the changes times the rank. Default: twice the rank.")
  @Nullable Double loraAlpha;

  @Option(
      names = "--lora-modules",
      split = ",",
      paramLabel = "M",
      description = "Adapted matrices, such as q_proj. Default: those of the attention.")
  @Nullable List<String> loraModules;

  @Option(
      names = "--adapter",
      description = "Write the changes alone, as a PEFT adapter, instead of merging them.")
  boolean adapter;

  /**
   * Reads the options.
   *
   * @param problems to which wrong options are added
   * @return null if all weights are trained
   */
  @Nullable Lora read(DecoderSpec config, List<String> problems) {
    if (loraRank == null) {
      if (loraAlpha != null || loraModules != null || adapter) {
        problems.add("--lora-alpha, --lora-modules and --adapter need --lora-rank: give it too.");
      }
      return null;
    }
    Lora lora =
        new Lora(
            loraRank,
            loraAlpha == null ? 2.0 * loraRank : loraAlpha,
            loraModules == null ? Lora.attentionModules(config) : loraModules);
    problems.addAll(lora.problems(config));
    return lora;
  }
}
