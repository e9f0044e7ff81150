package org.longrope.datasets;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;
import org.longrope.eval.tokenizer.BosChoice;

/**
 * Request of a preparation: inputs, choice of documents, output.
 *
 * @param inputs files, directories or globs on any Hadoop file system, in the order in which their
 *     documents will be stored
 * @param format of the inputs
 * @param tokenizer the directory of a tokenizer.json; may be null for {@link SourceFormat#TOKENS}
 * @param output the partition's directory; must not exist, or hold this partition already
 * @param split of directories, only files whose name or one of whose folders begins with it or has
 *     it as a word of its own; {@link #ALL_SPLITS} for all. Null is {@code validation} for {@link
 *     SourceFormat#PG19}; for the others it is all, unless there are several splits
 * @param minTokens shorter documents are left out
 * @param sample how many of the remaining documents to draw; null for all
 * @param seed of the draw
 * @param reading the fields of a row, and whether bad rows are left out
 * @param bos whether sequences begin with the tokenizer's BOS
 */
public record PrepareRequest(
    List<String> inputs,
    SourceFormat format,
    @Nullable String tokenizer,
    String output,
    @Nullable String split,
    int minTokens,
    @Nullable Integer sample,
    long seed,
    ReadSettings reading,
    BosChoice bos) {
  /** Name that selects every split. */
  public static final String ALL_SPLITS = "all";

  static final String PG19_SPLIT = "validation";

  /** Requests with default fields, rejected bad rows, and BOS as in transformers. */
  public PrepareRequest(
      List<String> inputs,
      SourceFormat format,
      @Nullable String tokenizer,
      String output,
      @Nullable String split,
      int minTokens,
      @Nullable Integer sample,
      long seed) {
    this(
        inputs,
        format,
        tokenizer,
        output,
        split,
        minTokens,
        sample,
        seed,
        ReadSettings.DEFAULT,
        BosChoice.AUTO);
  }

  /**
   * Checks the options together.
   *
   * @throws BadInputException if the options cannot be meant together
   */
  public PrepareRequest {
    inputs = List.copyOf(inputs);
    if (inputs.isEmpty()) {
      throw new BadInputException("There is no input: name at least one file or directory.");
    }
    if (tokenizer == null && format != SourceFormat.TOKENS) {
      throw BadInputException.of(
          "Format %s needs a tokenizer: name the directory of the model's tokenizer.json.",
          format.word());
    }
    if (tokenizer == null && bos == BosChoice.YES) {
      throw new BadInputException(
          "--bos is yes and there is no tokenizer to take it from: name the one that made the ids"
              + " by --tokenizer.");
    }
    if (minTokens < 0) {
      throw BadInputException.of("Minimum tokens is %d: expected 0 or more.", minTokens);
    }
    if (sample != null && sample < 1) {
      throw BadInputException.of("Sample is %d: expected at least one document.", sample);
    }
  }

  /**
   * Returns the split that is read: the requested one, else PG19's validation; null for all
   * documents.
   */
  @Nullable String effectiveSplit() {
    if (split == null) {
      return format == SourceFormat.PG19 ? PG19_SPLIT : null;
    }
    return split.equals(ALL_SPLITS) ? null : split;
  }

  /** Returns whether the request names a split. */
  boolean namesSplit() {
    return split != null;
  }
}
