package org.longrope.driver.execution.spark;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManagerId;

/** Names of executors, HOST:PORT, equal on the executors and on the driver. */
public final class ExecutorName {
  private ExecutorName() {}

  /** Names this process, an executor or the driver. */
  static String own() {
    BlockManagerId own = SparkEnv.get().blockManager().blockManagerId();
    return own.host() + ":" + own.port();
  }

  /** Returns the live executors; in local mode the driver. */
  static Set<String> live(SparkContext spark) {
    Set<String> live =
        Arrays.stream(spark.statusTracker().getExecutorInfos())
            .map(executor -> executor.host() + ":" + executor.port())
            .collect(Collectors.toSet());
    if (!spark.isLocal()) {
      live.remove(own());
    }
    return live;
  }
}
