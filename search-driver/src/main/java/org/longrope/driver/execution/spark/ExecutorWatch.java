package org.longrope.driver.execution.spark;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.ExceptionFailure;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorExcluded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.worker.ExecutorFault;

/** A listener that reports in one line each executor that is lost, joins, fails or is excluded. */
public final class ExecutorWatch extends SparkListener {
  private final ExecutorListener listener;
  private final Map<String, String> hosts = new ConcurrentHashMap<>();
  private volatile boolean anyLost;

  public ExecutorWatch(ExecutorListener listener) {
    this.listener = listener;
  }

  @Override
  public void onExecutorAdded(SparkListenerExecutorAdded added) {
    hosts.put(added.executorId(), added.executorInfo().executorHost());
    if (anyLost) {
      listener.warning("executor " + name(added.executorId()) + " has joined.");
    }
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    anyLost = true;
    listener.warning(
        "executor "
            + name(removed.executorId())
            + " is lost ("
            + firstLine(removed.reason())
            + "): its evaluations are done elsewhere.");
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    if (end.reason() instanceof ExceptionFailure failure
        && failure.className().equals(ExecutorFault.class.getName())) {
      listener.warning(
          "executor "
              + name(end.taskInfo().executorId())
              + " cannot evaluate: "
              + firstLine(failure.description()));
    }
  }

  @Override
  public void onExecutorExcluded(SparkListenerExecutorExcluded excluded) {
    listener.warning(
        "executor "
            + name(excluded.executorId())
            + " is excluded after "
            + excluded.taskFailures()
            + " failed evaluations.");
  }

  private String name(String executor) {
    String host = hosts.get(executor);
    return host == null ? executor : executor + " on " + host;
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("no reason given");
  }
}
