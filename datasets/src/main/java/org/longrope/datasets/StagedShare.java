package org.longrope.datasets;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Documents of one task as the driver knows them, and the number of those left out.
 *
 * @param documents those with tokens
 * @param empty how many had none
 * @param skipped how many rows could not be read
 * @param firstSkipped why the first of them could not; null if there are none
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record StagedShare(
    StagedDocument[] documents, long empty, long skipped, @Nullable String firstSkipped)
    implements Serializable {
  /** Sums up the outcomes of a task; the first failure is that of the share. */
  static TaskResult<StagedShare> of(Iterator<TaskResult<TokenisedDocument>> outcomes) {
    List<StagedDocument> documents = new ArrayList<>();
    long empty = 0;
    long skipped = 0;
    String firstSkipped = null;
    while (outcomes.hasNext()) {
      TaskResult<TokenisedDocument> outcome = outcomes.next();
      if (outcome.failure() != null) {
        return TaskResult.failed(outcome.failure());
      }
      TokenisedDocument document = outcome.orThrow();
      if (document.skipped() != null) {
        skipped++;
        firstSkipped = firstSkipped == null ? document.skipped() : firstSkipped;
      } else if (document.tokens().length == 0) {
        empty++;
      } else {
        documents.add(StagedDocument.of(document));
      }
    }
    return TaskResult.of(
        new StagedShare(documents.toArray(new StagedDocument[0]), empty, skipped, firstSkipped));
  }
}
