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
 * Tells the driver what devices executors of a cluster compute on, and closes an executor's models
 * when it ends; they are loaded by their first task.
 */
public final class WorkerPlugin implements SparkPlugin {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerPlugin.class);

  private static volatile Consumer<String> listener = line -> {};

  /** Sets who is told executors' devices in a driver: a line for each kind of them. */
  public static void listen(Consumer<String> newListener) {
    listener = newListener;
  }

  @Override
  public DriverPlugin driverPlugin() {
    Set<String> told = ConcurrentHashMap.newKeySet();
    return new DriverPlugin() {
      @Override
      public Object receive(Object message) {
        // Of many executors alike one is named.
        if (message instanceof String[] line && told.add(line[1])) {
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
          return; // The driver itself.
        }
        ExecutorDevices.listen(text -> send(context, text));
      }

      @Override
      public void shutdown() {
        if (ShutdownHookManager.get().isShutdownInProgress()) {
          return; // The process's end gives all back, and need not wait for a slab's end.
        }
        ResidentModels.close();
      }
    };
  }

  private static void send(PluginContext context, String text) {
    // Not the context's own host name: an executor has none there.
    String host = SparkEnv.get().blockManager().blockManagerId().host();
    try {
      context.send(new String[] {"executor " + context.executorID() + " on " + host, text});
    } catch (IOException e) {
      LOG.warn("Cannot tell the driver: {}", text, e);
    }
  }
}
