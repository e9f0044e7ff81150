package org.longrope.datasets;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.Partitioner;

/**
 * Plan of the part files: the document of each position of the partition, and its part. Part files
 * depend on the documents alone, never on how many cores made them.
 *
 * @param keys {@link #key} of each document, ascending
 * @param ids under which they are stored
 * @param parts the index of the part file of each
 * @param tokens of all together
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
record WritePlan(long[] keys, String[] ids, int[] parts, long tokens) implements Serializable {
  /** A part is closed when the next document would bring it above this: 64 MiB before zstd. */
  static final long PART_TOKENS = 16L << 20;

  static WritePlan of(List<StagedDocument> chosen, long partTokens) {
    long[] keys = new long[chosen.size()];
    String[] ids = new String[chosen.size()];
    int[] parts = new int[chosen.size()];
    int part = 0;
    long tokens = 0;
    long all = 0;
    for (int i = 0; i < keys.length; i++) {
      StagedDocument document = chosen.get(i);
      if (tokens > 0 && tokens + document.tokenCount() > partTokens) {
        part++;
        tokens = 0;
      }
      tokens += document.tokenCount();
      all += document.tokenCount();
      keys[i] = key(document.file(), document.row());
      ids[i] = document.id();
      parts[i] = part;
    }
    return new WritePlan(keys, ids, parts, all);
  }

  static long key(int file, int row) {
    return ((long) file << Integer.SIZE) | row;
  }

  /**
   * Returns the document's position in the partition, or a negative number if it was not chosen.
   */
  int position(TokenisedDocument document) {
    return Arrays.binarySearch(keys, key(document.file(), document.row()));
  }

  /** Returns the number of part files. */
  int partCount() {
    return parts[parts.length - 1] + 1;
  }

  static String fileName(int part) {
    return String.format("part-%05d.parquet", part);
  }

  List<String> fileNames() {
    List<String> names = new ArrayList<>();
    for (int part = 0; part < partCount(); part++) {
      names.add(fileName(part));
    }
    return names;
  }

  /** Partitioner that sends positions to the tasks that write their parts. */
  static final class ByPart extends Partitioner {
    private static final long serialVersionUID = 1L;
    private final int[] parts;

    ByPart(WritePlan plan) {
      parts = plan.parts;
    }

    @Override
    public int numPartitions() {
      return parts[parts.length - 1] + 1;
    }

    @Override
    public int getPartition(Object position) {
      return parts[(Integer) position];
    }
  }
}
