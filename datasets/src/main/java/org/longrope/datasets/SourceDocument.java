package org.longrope.datasets;

import org.jspecify.annotations.Nullable;

/**
 * Document as a file gives it: text still to be tokenised, or tokens. One without either is empty.
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record SourceDocument(
    int row,
    @Nullable String id,
    @Nullable String title,
    @Nullable String text,
    int @Nullable [] tokens)
    implements SourceRow {
  /** Returns the id of the document, which another document may have too. */
  String idIn(InputFile file) {
    return id == null ? file.label() + ":" + row : id;
  }
}
