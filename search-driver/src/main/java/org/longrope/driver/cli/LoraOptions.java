package org.longrope.driver.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.training.Lora;
import picocli.CommandLine.Option;

/** Options of training low-rank changes of a model instead of its weights. */
final class LoraOptions {
  @Option(
      names = "--lora-rank",
      paramLabel = "R",
      description = "Train low-rank changes; default: all weights.")
  @Nullable Integer loraRank;

  @Option(names = "--lora-alpha", paramLabel = "A", description = "Default: twice the rank.")
  @Nullable Double loraAlpha;

  @Option(
      names = "--lora-modules",
      split = ",",
      paramLabel = "M",
      description = "Adapted matrices; default: the attention's.")
  @Nullable List<String> loraModules;

  @Option(
      names = "--adapter",
      description = "Leave the low-rank changes apart (PEFT); default: merged into the model.")
  boolean adapter;

  /**
   * What was asked for; null if all weights are trained.
   *
   * @param problems to which is added what is wrong
   */
  @Nullable Lora read(ModelConfig config, List<String> problems) {
    if (loraRank == null) {
      if (loraAlpha != null || loraModules != null || adapter) {
        problems.add("--lora-alpha, --lora-modules and --adapter need --lora-rank: give it too.");
      }
      return null;
    }
    List<String> attention =
        config.modelType().equals("phi3")
            ? List.of("qkv_proj", "o_proj")
            : List.of("q_proj", "k_proj", "v_proj", "o_proj");
    Lora lowRank =
        new Lora(
            loraRank,
            loraAlpha == null ? 2.0 * loraRank : loraAlpha,
            loraModules == null ? attention : loraModules);
    problems.addAll(lowRank.problems(config));
    return lowRank;
  }
}
