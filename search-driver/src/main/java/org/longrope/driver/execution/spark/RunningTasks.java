package org.longrope.driver.execution.spark;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.TasksInProgress;
import scala.jdk.javaapi.CollectionConverters;

/** Tasks that executors are at work on, since when, and the shares that are done. */
final class RunningTasks extends SparkListener {
  private final long accumulator;
  private final Map<Long, Running> running = new ConcurrentHashMap<>();

  /**
   * A task that has not ended.
   *
   * @param since nanoseconds
   * @param done share that is done; null as long as no heartbeat has told it
   */
  private record Running(long since, @Nullable Double done) {}

  /**
   * @param accumulator id of the one that holds the share of a task that is done
   */
  RunningTasks(long accumulator) {
    this.accumulator = accumulator;
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart start) {
    running.put(start.taskInfo().taskId(), new Running(System.nanoTime(), null));
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    running.remove(end.taskInfo().taskId());
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    CollectionConverters.asJava(update.accumUpdates())
        .forEach(task -> update((Long) task._1(), CollectionConverters.asJava(task._4())));
  }

  private void update(long task, Collection<AccumulableInfo> values) {
    for (AccumulableInfo value : values) {
      // Spark's own counters of a task, which are whole numbers, may have the same id.
      if (value.id() == accumulator
          && value.update().isDefined()
          && value.update().get() instanceof Double done) {
        running.computeIfPresent(task, (id, before) -> new Running(before.since(), done));
      }
    }
  }

  /** Whether a task has been running for longer than that. */
  boolean anyLongerThan(Duration duration) {
    long now = System.nanoTime();
    return running.values().stream().anyMatch(task -> now - task.since() > duration.toNanos());
  }

  /** The tasks that have told how far they are. */
  TasksInProgress underWay() {
    int tasks = 0;
    double done = 0;
    for (Running task : running.values()) {
      if (task.done() != null) {
        tasks++;
        done += task.done();
      }
    }
    return new TasksInProgress(tasks, done);
  }
}
