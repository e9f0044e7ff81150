package org.longrope.datasets;

/**
 * What a preparation came to.
 *
 * @param manifest of the partition that now stands at the output
 * @param alreadyThere true if the same preparation stood there before and nothing was done
 * @param documentsRead documents of at least one token in the inputs; 0 if it was already there
 * @param documentsTooShort how many of them had fewer tokens than asked for
 * @param documentsEmpty documents without a token, left out; 0 if it was already there
 * @param rowsSkipped rows that could not be read, left out; 0 if it was already there
 */
public record PrepareResult(
    Manifest manifest,
    boolean alreadyThere,
    long documentsRead,
    long documentsTooShort,
    long documentsEmpty,
    long rowsSkipped) {}
