package org.longrope.driver.execution.worker;

import org.apache.hadoop.fs.Path;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.BadInputException;

/**
 * The evaluation partitions that this process has opened and the documents that it has read,
 * independent of models. The documents of all partitions together are bounded to a quarter of the
 * heap; beyond it the least recently used ones are read again when they are needed.
 */
public final class ResidentPartitions {
  private static final ResidentPartitions OF_PROCESS =
      new ResidentPartitions(Runtime.getRuntime().maxMemory() / 4 / Integer.BYTES);

  private static final int OPEN_PARTITIONS = 16;

  private record Key(String path, String hash) {}

  private record DocumentKey(Key partition, String documentId) {}

  /** An opened partition, whose documents are read through the cache. */
  public final class ResidentPartition {
    private final Key key;
    private final EvaluationPartition partition;

    private ResidentPartition(Key key, EvaluationPartition partition) {
      this.key = key;
      this.partition = partition;
    }

    public EvaluationPartition partition() {
      return partition;
    }

    /**
     * Returns what a model reads, as {@link EvaluationPartition#sequence}; not to be changed.
     *
     * @throws BadInputException if there is no such document or it is damaged
     */
    public int[] sequence(String documentId) {
      return documents.get(new DocumentKey(key, documentId), () -> partition.sequence(documentId));
    }
  }

  private final LoadingCache<Key, ResidentPartition> partitions =
      new LoadingCache<>(partition -> 1, OPEN_PARTITIONS);
  private final LoadingCache<DocumentKey, int[]> documents;

  /**
   * Creates an empty cache.
   *
   * @param capacityTokens the most tokens to keep
   */
  ResidentPartitions(long capacityTokens) {
    documents = new LoadingCache<>(tokens -> tokens.length, capacityTokens);
  }

  /**
   * Returns a partition of this process, opened at its first use.
   *
   * @param path on a Hadoop file system
   * @param hash of its content, as the driver has read it
   * @throws BadInputException if it cannot be read or has other content
   */
  public static ResidentPartition get(String path, String hash, HadoopSettings hadoop) {
    return OF_PROCESS.partition(path, hash, hadoop);
  }

  ResidentPartition partition(String path, String hash, HadoopSettings hadoop) {
    Key key = new Key(path, hash);
    return partitions.get(
        key,
        () -> {
          EvaluationPartition opened =
              EvaluationPartition.open(new Path(path), hadoop.configuration());
          RequiredHash.check(path, hash, opened.manifest().contentHash());
          return new ResidentPartition(key, opened);
        });
  }
}
