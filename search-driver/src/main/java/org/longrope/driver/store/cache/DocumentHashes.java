package org.longrope.driver.store.cache;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.eval.BadInputException;
import org.longrope.eval.Sha256;
import org.longrope.eval.perplexity.Protocol;

/**
 * What a model reads of a run's documents, as SHA-256 of the ids: BOS and no more than the protocol
 * takes; of a needle also the tokenizer. A document is the same in any partition, whatever its name
 * there and however it goes on.
 */
public final class DocumentHashes {
  private final Map<Passage, String> hashes;

  private record Passage(String documentId, Protocol protocol) {}

  private DocumentHashes(Map<Passage, String> hashes) {
    this.hashes = hashes;
  }

  /**
   * Reads documents.
   *
   * @param tokenizerHash of the tokenizer that needles are written with; null where there are none
   * @param tasks a document by each protocol that it may be scored by, under any rescaling
   * @throws BadInputException if one is damaged
   */
  public static DocumentHashes of(
      EvaluationPartition partition,
      @Nullable String tokenizerHash,
      Collection<EvaluationTask> tasks) {
    Map<String, int[]> sequences = new HashMap<>();
    Map<Passage, String> hashes = new HashMap<>();
    for (EvaluationTask task : tasks) {
      int[] sequence = sequences.computeIfAbsent(task.documentId(), partition::sequence);
      Protocol protocol = task.protocol();
      int read =
          protocol instanceof Protocol.Sliding
              ? sequence.length
              : Math.min(sequence.length, protocol.length());
      String hash = hash(sequence, read);
      if (protocol instanceof Protocol.Needle && tokenizerHash != null) {
        hash = new Sha256().add(hash).add(tokenizerHash).hex();
      }
      hashes.put(new Passage(task.documentId(), protocol), hash);
    }
    return new DocumentHashes(hashes);
  }

  private static String hash(int[] ids, int n) {
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(n, Integer.BYTES));
    bytes.asIntBuffer().put(ids, 0, n);
    return new Sha256().add(bytes).hex();
  }

  /** What a task reads. */
  String of(EvaluationTask task) {
    String hash = hashes.get(new Passage(task.documentId(), task.protocol()));
    if (hash == null) {
      throw new IllegalArgumentException("No document of this run: " + task);
    }
    return hash;
  }
}
