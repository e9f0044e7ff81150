package org.longrope.driver.lab.strategies;

import java.nio.IntBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.worker.ModelCache;
import org.longrope.driver.measure.perplexity.Documents;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.checkpoint.Checkpoint;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;

/**
 * Problem whose model and documents exist, fit each other and can be evaluated.
 *
 * @param modelHash of the checkpoint
 * @param window the model's original one, tokens
 * @param dataHash of the partition that searches use
 * @param heldOutHash of the held-out partition
 * @param heldOut its documents, by id
 */
record PreparedProblem(
    Problem problem,
    String modelHash,
    int window,
    String dataHash,
    String heldOutHash,
    List<String> heldOut) {
  PreparedProblem {
    heldOut = List.copyOf(heldOut);
  }

  /**
   * Opens a problem and reads all its documents once.
   *
   * @throws BadInputException if a document cannot be evaluated, or is in both partitions
   */
  static PreparedProblem open(Problem problem, Configuration hadoop) {
    Checkpoint checkpoint = ModelCache.ofHost().open(problem.model(), null, hadoop);
    Documents searched = Documents.ofPartition(problem.data(), checkpoint.directory(), hadoop);
    Documents heldOut = Documents.ofPartition(problem.heldOut(), checkpoint.directory(), hadoop);
    int vocabulary = checkpoint.config().vocabularySize();
    heldOut.sequences().forEach((id, ids) -> requireReadable(problem, id, ids, vocabulary));
    requireApart(problem, searched, heldOut);
    return new PreparedProblem(
        problem,
        checkpoint.sha256(),
        checkpoint.config().rope().originalWindow(),
        hash(searched),
        hash(heldOut),
        List.copyOf(heldOut.sequences().keySet()));
  }

  private static String hash(Documents documents) {
    return documents.provenance().path("partition_sha256").asText();
  }

  private static void requireReadable(Problem problem, String id, int[] ids, int vocabulary) {
    if (ids.length < problem.targetLength()) {
      throw BadInputException.of(
          "Document %s of %s has %d tokens: expected at least %d, the target length; prepare the"
              + " documents with --min-tokens.",
          id, problem.heldOut(), ids.length, problem.targetLength());
    }
    for (int token : ids) {
      if (token < 0 || token >= vocabulary) {
        throw BadInputException.of(
            "Document %s of %s has id %d: expected 0 to %d, the model's vocabulary; prepare the"
                + " documents with this model's tokenizer.",
            id, problem.heldOut(), token, vocabulary - 1);
      }
    }
  }

  /** Checks that no two documents begin alike; the same book may end elsewhere. */
  private static void requireApart(Problem problem, Documents searched, Documents heldOut) {
    Map<IntBuffer, String> read = new HashMap<>();
    searched.sequences().forEach((id, ids) -> read.put(read(ids, problem), id));
    heldOut
        .sequences()
        .forEach(
            (id, ids) -> {
              String same = read.get(read(ids, problem));
              if (same != null) {
                throw BadInputException.of(
                    "Document %s of %s begins as %s of %s does: expected none that is searched on;"
                        + " prepare others to hold out.",
                    id, problem.heldOut(), same, problem.data());
              }
            });
  }

  private static IntBuffer read(int[] ids, Problem problem) {
    return IntBuffer.wrap(ids, 0, Math.min(ids.length, problem.targetLength())).slice();
  }

  /** Returns a location of the model that is valid on every host and in every directory. */
  String modelEverywhere() {
    return FileLocation.parse(problem.model()).absolute();
  }

  /** Returns the evaluations of a rescaling on the held-out documents. */
  List<EvaluationTask> tasks(Rescaling rescaling) {
    Protocol protocol = new Protocol.Truncated(problem.targetLength());
    return heldOut.stream().map(id -> new EvaluationTask(rescaling, id, protocol)).toList();
  }
}
