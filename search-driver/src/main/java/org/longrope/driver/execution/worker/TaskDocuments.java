package org.longrope.driver.execution.worker;

import java.io.Serializable;
import java.util.Map;

/** The documents of a worker. */
public sealed interface TaskDocuments extends Serializable {
  /**
   * An evaluation partition, which every worker reads by itself.
   *
   * @param path on a Hadoop file system
   * @param hash of the partition's content, as every host must see it
   */
  record Partition(String path, String hash) implements TaskDocuments {}

  /**
   * Documents that travel with the tasks.
   *
   * @param sequences token ids by document id, BOS included; not copied
   */
  record Inline(Map<String, int[]> sequences) implements TaskDocuments {}
}
