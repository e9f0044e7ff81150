package org.longrope.driver.execution.spark;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.longrope.driver.execution.worker.ExecutorDevices;
import org.longrope.driver.execution.worker.ResidentModels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Spark plugin that reports to the driver which devices the executors of a cluster use, and
 * closes an executor's models when it ends.
 */
public final class WorkerPlugin implements SparkPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPlugin.class);

  private static volatile Consumer<String> listener = line -> {};

  /** Sets the driver's receiver of reports: one line for each kind of executor. */
  public static void listen(Consumer<String> newListener) {
    listener = newListener;
  }

  @Override
  public DriverPlugin driverPlugin() {
    Set<String> reported = ConcurrentHashMap.newKeySet();
    return new DriverPlugin() {
      @Override
      public Object receive(Object message) {
        // One of several equal executors is named.
        if (message instanceof String[] line && reported.add(line[1])) {
          listener.accept(line[0] + ": " + line[1]);
        }
        return "";
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext context, Map<String, String> settings) {
        if (context.conf().get("spark.master", "").startsWith("local")) {
          return; // The executor is the driver itself.
        }
        ExecutorDevices.listen(text -> send(context, text));
      }

      @Override
      public void shutdown() {
        if (ShutdownHookManager.get().isShutdownInProgress()) {
          return; // The end of the process frees all memory and need not wait for a running slab.
        }
        ResidentModels.close();
      }
    };
  }

  private static void send(PluginContext context, String text) {
    // The context itself has no host name on an executor.
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    try {
      context.send(new String[] {"executor " + context.executorID() + " on " + host, text});
    } catch (IOException e) {
      LOG.warn("Cannot report to the driver: {}", text, e);
    }
  }
}
