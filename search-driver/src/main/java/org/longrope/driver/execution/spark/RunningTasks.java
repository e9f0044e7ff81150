package org.longrope.driver.execution.spark;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.TasksInProgress;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Tasks that executors are computing, with their start and their completed share.
 *
 * <p>Spark drops events of its listeners when they are too many. Every heartbeat of an executor
 * names all tasks that run there, so a task whose start was dropped appears with the next
 * heartbeat, and a task that no heartbeat has named for a while has ended.
 */
final class RunningTasks extends SparkListener {
  /** Several heartbeats (spark.executor.heartbeatInterval, 10 s). */
  private static final Duration SILENCE = Duration.ofMinutes(1);

  private final long accumulator;
  private final LongSupplier nanoTime;
  private final Map<Long, Running> running = new ConcurrentHashMap<>();

  /** Tasks that ended a moment ago, by the time of their end: a late heartbeat may name them. */
  private final Map<Long, Long> ended = new ConcurrentHashMap<>();

  /**
   * A task that has not ended.
   *
   * @param since nanoseconds
   * @param seen time of the last event that named it, nanoseconds
   * @param done completed share; null while no heartbeat has named it
   */
  private record Running(long since, long seen, @Nullable Double done) {}

  /**
   * Reads the tasks of an accumulator.
   *
   * @param accumulator id of the accumulator that holds the completed share of a task
   */
  RunningTasks(long accumulator) {
    this(accumulator, System::nanoTime);
  }

  RunningTasks(long accumulator, LongSupplier nanoTime) {
    this.accumulator = accumulator;
    this.nanoTime = nanoTime;
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart start) {
    long now = nanoTime.getAsLong();
    running.put(start.taskInfo().taskId(), new Running(now, now, null));
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    running.remove(end.taskInfo().taskId());
    ended.put(end.taskInfo().taskId(), nanoTime.getAsLong());
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
    CollectionConverters.asJava(update.accumUpdates())
        .forEach(task -> update((Long) task._1(), CollectionConverters.asJava(task._4())));
    long now = nanoTime.getAsLong();
    running.values().removeIf(task -> now - task.seen() > SILENCE.toNanos());
    ended.values().removeIf(end -> now - end > SILENCE.toNanos());
  }

  private void update(long id, Collection<AccumulableInfo> values) {
    if (ended.containsKey(id)) {
      return;
    }
    long now = nanoTime.getAsLong();
    Running known = running.getOrDefault(id, new Running(now, now, null));
    Double done = known.done();
    for (AccumulableInfo value : values) {
      // Spark's own counters of a task, which are whole numbers, may have the same id.
      if (value.id() == accumulator
          && value.update().isDefined()
          && value.update().get() instanceof Double share) {
        done = share;
      }
    }
    running.put(id, new Running(known.since(), now, done));
  }

  /** Tells whether a task has been running for longer than that. */
  boolean anyLongerThan(Duration duration) {
    long now = nanoTime.getAsLong();
    return running.values().stream()
        .anyMatch(
            task ->
                now - task.since() > duration.toNanos() && now - task.seen() <= SILENCE.toNanos());
  }

  /** Returns the tasks whose completed share is known. */
  TasksInProgress inProgress() {
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
