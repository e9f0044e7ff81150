package org.longrope.driver.execution;

import java.util.OptionalInt;
import org.longrope.eval.decoder.ResidentModel;
import org.longrope.eval.tokenizer.DocumentTokenizer;

/** A resident model with the documents and the tokenizer that its tasks need. */
public interface Worker {
  ResidentModel model();

  /**
   * Returns the model's tokenizer; not to be closed by the caller.
   *
   * @throws org.longrope.eval.BadInputException if it is not the tokenizer of the driver
   */
  DocumentTokenizer tokenizer();

  /**
   * Returns the token ids of a document, BOS first where the documents have one; not to be changed.
   *
   * @throws org.longrope.eval.BadInputException if the document cannot be read
   */
  int[] sequence(String documentId);

  /** Returns the id that documents begin with, if they begin with one. */
  OptionalInt bosTokenId();
}
