package org.longrope.datasets;

import org.jspecify.annotations.Nullable;

/**
 * A document as a file gives it: text still to be tokenised, or tokens. One without either is
 * empty.
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record SourceDocument(
    int row,
    @Nullable String id,
    @Nullable String title,
    @Nullable String text,
    int @Nullable [] tokens)
    implements SourceRow {
  /** The id under which it is known, unless another document has the same. */
  String idIn(InputFile file) {
    return id == null ? file.label() + ":" + row : id;
  }
}
