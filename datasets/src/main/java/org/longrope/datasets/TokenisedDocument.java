package org.longrope.datasets;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Document on its way to the partition; file and row give its position among all.
 *
 * @param tokens none for an empty document
 * @param skipped why its row could not be read; null for a document
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record TokenisedDocument(
    int file, int row, String id, String title, int[] tokens, @Nullable String skipped)
    implements Serializable {
  static TokenisedDocument of(InputFile file, SourceDocument document, int[] tokens) {
    String id = document.idIn(file);
    String title = document.title() == null ? id : document.title();
    return new TokenisedDocument(file.index(), document.row(), id, title, tokens, null);
  }

  static TokenisedDocument skipped(InputFile file, SourceRow.Bad bad) {
    return new TokenisedDocument(file.index(), bad.row(), "", "", new int[0], bad.sentence());
  }
}
