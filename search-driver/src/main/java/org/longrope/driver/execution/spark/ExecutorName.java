package org.longrope.driver.execution.spark;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManagerId;

/** Names of executors, HOST:PORT, the same to themselves and to the driver. */
public final class ExecutorName {
  private ExecutorName() {}

  /** The process that this is, an executor or the driver. */
  static String own() {
    BlockManagerId own = SparkEnv.get().blockManager().blockManagerId();
    return own.host() + ":" + own.port();
  }

  /** Executors that there are; in local mode that is the driver. */
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
