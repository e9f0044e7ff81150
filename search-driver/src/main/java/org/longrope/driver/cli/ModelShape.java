package org.longrope.driver.cli;

import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.family.DecoderSpec;
import org.longrope.eval.family.LlamaShape;
import picocli.CommandLine.Option;

/** Options that only a new model has. */
@Section("Shape of a new model")
final class ModelShape {
  @Option(names = "--hidden-size", paramLabel = "N", description = "Width of the model.")
  int hiddenSize = 256;

  @Option(names = "--intermediate-size", paramLabel = "N", description = "Width of its MLPs.")
  int intermediateSize = 704;

  @Option(names = "--layers", paramLabel = "N", description = "Decoder layers.")
  int layers = 4;

  @Option(names = "--heads", paramLabel = "N", description = "Query heads of a layer.")
  int heads = 4;

  @Option(
      names = "--key-value-heads",
      paramLabel = "N",
      description = "Key and value heads of a layer. Default: as many as query heads.")
  @Nullable Integer keyValueHeads;

  @Option(names = "--window", paramLabel = "N", description = "Context window, tokens.")
  int window = 256;

  @Option(names = "--rope-theta", paramLabel = "B", description = "Base of RoPE.")
  double ropeTheta = 10_000;

  /**
   * Builds the configuration.
   *
   * @param vocabulary tokens
   * @throws BadInputException if the heads do not divide the width
   */
  DecoderSpec config(int vocabulary) {
    int groups = keyValueHeads == null ? heads : keyValueHeads;
    if (heads < 1 || groups < 1 || heads % groups != 0 || hiddenSize % (2 * heads) != 0) {
      throw BadInputException.of(
          "Hidden size %d with %d heads and %d key-value heads is no shape: expected heads to"
              + " divide half the hidden size, and key-value heads to divide heads.",
          hiddenSize, heads, groups);
    }
    return new LlamaShape(
            hiddenSize,
            intermediateSize,
            layers,
            heads,
            groups,
            vocabulary,
            true,
            ropeTheta,
            window)
        .spec();
  }
}
