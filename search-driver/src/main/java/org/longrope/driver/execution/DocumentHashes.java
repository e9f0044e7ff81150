package org.longrope.driver.execution;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.Sha256;
import org.longrope.eval.perplexity.Protocol;

/**
 * SHA-256 of the token ids that a model reads of documents: no more than the protocol takes; for a
 * needle also the tokenizer. A document is the same in any partition, whatever its name is there
 * and however it continues.
 */
public final class DocumentHashes {
  /** Hashes for tasks that read no documents. */
  public static final DocumentHashes NONE = new DocumentHashes(Map.of());

  private final Map<Passage, String> hashes;

  private record Passage(String documentId, Protocol protocol) {}

  private DocumentHashes(Map<Passage, String> hashes) {
    this.hashes = hashes;
  }

  /**
   * Reads documents.
   *
   * @param sequence reads the token ids of a document
   * @param tokenizerHash of the tokenizer that needles are written with; null without needles
   * @param tasks each document by each protocol, under any rescaling
   * @throws org.longrope.eval.BadInputException if a document is damaged
   */
  public static DocumentHashes of(
      Function<String, int[]> sequence,
      @Nullable String tokenizerHash,
      Collection<EvaluationTask> tasks) {
    Map<String, int[]> sequences = new HashMap<>();
    Map<Passage, String> hashes = new HashMap<>();
    for (EvaluationTask task : tasks) {
      hashes.computeIfAbsent(
          new Passage(task.documentId(), task.protocol()),
          passage ->
              hash(
                  sequences.computeIfAbsent(passage.documentId(), sequence),
                  passage.protocol(),
                  tokenizerHash));
    }
    return new DocumentHashes(hashes);
  }

  private static String hash(int[] ids, Protocol protocol, @Nullable String tokenizerHash) {
    int read = protocol.tokensRead(ids.length);
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(read, Integer.BYTES));
    bytes.asIntBuffer().put(ids, 0, read);
    String hash = new Sha256().add(bytes).hex();
    return protocol instanceof Protocol.Needle && tokenizerHash != null
        ? new Sha256().add(hash).add(tokenizerHash).hex()
        : hash;
  }

  /**
   * Returns the hash of the ids that a task reads.
   *
   * @throws IllegalArgumentException if the document is not one of these
   */
  String of(EvaluationTask task) {
    String hash = hashes.get(new Passage(task.documentId(), task.protocol()));
    if (hash == null) {
      throw new IllegalArgumentException("No document of this run: " + task);
    }
    return hash;
  }
}
