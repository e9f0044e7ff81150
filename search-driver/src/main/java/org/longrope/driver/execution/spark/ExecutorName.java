package org.longrope.driver.execution.spark;

import java.util.HashSet;
import java.util.Set;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManagerId;
import scala.jdk.javaapi.CollectionConverters;

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
    // Not the status tracker, which learns of block managers, whose ports these are, some time
    // later.
    Set<String> live =
        new HashSet<>(CollectionConverters.asJava(spark.getExecutorMemoryStatus().keySet()));
    if (!spark.isLocal()) {
      live.remove(own());
    }
    return live;
  }
}
