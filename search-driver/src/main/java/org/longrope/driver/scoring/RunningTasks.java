package org.longrope.driver.scoring;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** What executors are doing at the moment, and since when. */
final class RunningTasks extends SparkListener {
  private final Map<Long, Long> since = new ConcurrentHashMap<>();

  @Override
  public void onTaskStart(SparkListenerTaskStart start) {
    since.put(start.taskInfo().taskId(), System.nanoTime());
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    since.remove(end.taskInfo().taskId());
  }

  /** Whether a task has been running for longer than that. */
  boolean anyLongerThan(Duration duration) {
    long now = System.nanoTime();
    return since.values().stream().anyMatch(begin -> now - begin > duration.toNanos());
  }
}
