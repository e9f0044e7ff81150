package org.longrope.driver.training;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.eval.training.TokenStream;

/** Documents of a partition as a training reads them. */
public final class TrainingData {
  private TrainingData() {}

  /** Returns all documents, concatenated. */
  public static TokenStream of(EvaluationPartition partition) {
    List<int[]> documents = new ArrayList<>();
    partition.forEach((document, tokens) -> documents.add(tokens));
    Integer bos = partition.manifest().bosTokenId();
    return TokenStream.of(documents, bos == null ? OptionalInt.empty() : OptionalInt.of(bos));
  }
}
