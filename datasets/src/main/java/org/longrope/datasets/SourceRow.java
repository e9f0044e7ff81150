package org.longrope.datasets;

/** Row of a file: a document, or the reason why it cannot be read. */
sealed interface SourceRow permits SourceDocument, SourceRow.Bad {
  /**
   * A row that cannot be read, though the file can.
   *
   * @param row its number in the file, from 0
   * @param sentence what is wrong, and where
   */
  record Bad(int row, String sentence) implements SourceRow {}
}
