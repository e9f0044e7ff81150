package org.longrope.datasets;

/**
 * Result of a preparation. Its counts are 0 if there was nothing to do.
 *
 * @param manifest of the partition at the output
 * @param alreadyThere true if the partition existed and nothing was done
 * @param documentsRead documents of at least one token in the inputs
 * @param documentsTooShort documents of fewer tokens than requested, left out
 * @param documentsEmpty documents without a token, left out
 * @param rowsSkipped rows that could not be read, left out
 */
public record PrepareResult(
    Manifest manifest,
    boolean alreadyThere,
    long documentsRead,
    long documentsTooShort,
    long documentsEmpty,
    long rowsSkipped) {

  static PrepareResult nothingToDo(Manifest manifest) {
    return new PrepareResult(manifest, true, 0, 0, 0, 0);
  }
}
