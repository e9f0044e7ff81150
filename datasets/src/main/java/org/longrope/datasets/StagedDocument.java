package org.longrope.datasets;

import java.io.Serializable;

/** Tokenised document as the driver knows it, to choose from. */
record StagedDocument(int file, int row, String id, int tokenCount) implements Serializable {
  static StagedDocument of(TokenisedDocument document) {
    return new StagedDocument(
        document.file(), document.row(), document.id(), document.tokens().length);
  }
}
