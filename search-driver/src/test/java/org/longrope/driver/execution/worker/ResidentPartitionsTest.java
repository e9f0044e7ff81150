package org.longrope.driver.execution.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.TinyWorld;
import org.longrope.driver.store.files.HadoopSettings;
import org.longrope.eval.BadInputException;

/** Documents that are read through the cache, from a file system that counts openings. */
class ResidentPartitionsTest {
  private static final java.nio.file.Path DATA = TinyWorld.shared().data();
  private static final String LOCATION = RemoteFiles.location(DATA);
  private static final HadoopSettings HADOOP =
      new HadoopSettings(Map.of("fs.remote.impl", RemoteFiles.class.getName()));
  private static final String HASH =
      EvaluationPartition.open(new Path(DATA.toString()), new Configuration())
          .manifest()
          .contentHash();

  @AfterEach
  void resetCount() {
    RemoteFiles.reset();
  }

  private static int[] document(ResidentPartitions partitions, int index) {
    return partitions.partition(LOCATION, HASH, HADOOP).sequence("doc-" + index);
  }

  @Test
  void partition_calledTwice_opensOnce() {
    ResidentPartitions partitions = new ResidentPartitions(0);
    var first = partitions.partition(LOCATION, HASH, HADOOP);
    int opened = RemoteFiles.OPENED.get();
    assertThat(opened).isPositive();
    assertThat(partitions.partition(LOCATION, HASH, HADOOP)).isSameAs(first);
    assertThat(RemoteFiles.OPENED).hasValue(opened);
  }

  @Test
  void partition_withOtherContent_isRejected() {
    assertThatThrownBy(() -> new ResidentPartitions(0).partition(LOCATION, "0".repeat(64), HADOOP))
        .isInstanceOf(BadInputException.class)
        .hasMessageContaining(LOCATION + " has other content here (");
  }

  @Test
  void sequence_withinTheBound_isReadOnce() {
    int tokens = IntStream.range(0, 3).map(d -> TinyWorld.SHORTEST + 3 * d).sum();
    ResidentPartitions partitions = new ResidentPartitions(tokens);
    int[] first = document(partitions, 0);
    assertThat(first).hasSize(TinyWorld.SHORTEST);
    document(partitions, 1);
    document(partitions, 2);
    int opened = RemoteFiles.OPENED.get();
    assertThat(document(partitions, 0)).isSameAs(first);
    document(partitions, 1);
    document(partitions, 2);
    assertThat(RemoteFiles.OPENED).hasValue(opened);
  }

  @Test
  void sequence_beyondTheBound_dropsTheLeastRecentlyUsedDocument() {
    int tokens = IntStream.range(0, 3).map(d -> TinyWorld.SHORTEST + 3 * d).sum() - 1;
    ResidentPartitions partitions = new ResidentPartitions(tokens);
    int[] first = document(partitions, 0);
    int[] second = document(partitions, 1);
    assertThat(document(partitions, 0)).isSameAs(first);
    document(partitions, 2);
    assertThat(document(partitions, 0)).isSameAs(first);
    assertThat(document(partitions, 1)).isEqualTo(second).isNotSameAs(second);
  }
}
