package org.longrope.driver.spark;

import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.scoring.HostedModels;
import org.longrope.driver.scoring.ResidentWorkers;

/** Gives an executor's models back when it ends; they are loaded by their first task. */
public final class WorkerPlugin implements SparkPlugin {
  @Override
  public @Nullable DriverPlugin driverPlugin() {
    return null;
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void shutdown() {
        if (ShutdownHookManager.get().isShutdownInProgress()) {
          return; // The process's end gives all back, and need not wait for a slab's end.
        }
        ResidentWorkers.close();
        HostedModels.close();
      }
    };
  }
}
