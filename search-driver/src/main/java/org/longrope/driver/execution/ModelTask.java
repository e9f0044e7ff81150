package org.longrope.driver.execution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.Serializable;
import org.longrope.eval.decoder.StopSignal;

/**
 * A computation on a resident model. Its result is a function of the task, the model and the
 * documents alone, so that running it twice is harmless and a result can be kept for good. Tasks
 * and results travel between driver and executors by Kryo.
 *
 * @param <R> the result
 */
public interface ModelTask<R> extends Serializable {
  /**
   * Computes the result.
   *
   * @param stop asked now and then whether the result is still wanted
   * @throws TaskRejection if the result is not a number that can be used
   * @throws org.longrope.eval.BadInputException if the input cannot be read or does not fit
   * @throws org.longrope.eval.decoder.StoppedException when stopped
   */
  R run(Worker worker, StopSignal stop);

  /**
   * Identifies the computation by the content of all its inputs except the model.
   *
   * @param documents hashes of the documents that tasks name
   */
  CacheKey key(DocumentHashes documents);

  /** Names the task within a sentence, such as "the evaluation of document D". */
  String name();

  /** Writes the fields of a result; doubles keep all their digits. */
  ObjectNode toJson(R result);

  /**
   * Reads a result that {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if a field is missing
   */
  R fromJson(JsonNode json);
}
