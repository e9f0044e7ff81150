package org.longrope.driver.store;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.execution.HardwareWatch;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;

/**
 * The results of tasks: those in the log, and those that an executor computes, which are appended
 * to the log before anyone sees them.
 */
public final class ResultStore {
  private final TaskExecutor executor;
  private final TaskLog log;
  private final RetryingWriter writer;
  private final HardwareWatch hardware;
  private final Map<ModelTask<?>, TaskGroup> pending = new HashMap<>();
  private final Consumer<TaskResult<?>> listener;
  private @Nullable String computeType;

  /**
   * Opens a store over a log.
   *
   * @param writeTimeout after which a log that cannot be written ends the work
   * @param warning receives a sentence if writes wait, or hardware of another kind is used
   * @param listener receives each result after it was appended
   */
  public ResultStore(
      TaskExecutor executor,
      TaskLog log,
      Duration writeTimeout,
      Consumer<String> warning,
      Consumer<TaskResult<?>> listener) {
    this.executor = executor;
    this.log = log;
    this.listener = listener;
    writer = new RetryingWriter(writeTimeout, warning);
    hardware = new HardwareWatch(warning);
    for (TaskResult<?> result : log.results().values()) {
      if (result instanceof TaskResult.Completed<?> completed) {
        computeType = computeType == null ? completed.computeType() : computeType;
        hardware.stored(completed.hardware());
      }
    }
  }

  /** Returns the number of tasks that were submitted and have no result. */
  public int pending() {
    return pending.size();
  }

  /** Returns how many more tasks should be submitted, so that no slot of the executor waits. */
  public int wanted() {
    int slots = executor.slots();
    // An eighth in reserve covers the time between a result and the next task.
    return slots + slots / 8 + 1 - pending.size();
  }

  /** Begins to compute the tasks that are neither in the log nor pending. */
  public void submit(TaskGroup group) {
    List<ModelTask<?>> missing =
        group.tasks().stream()
            .distinct()
            .filter(task -> !log.results().containsKey(task) && !pending.containsKey(task))
            .toList();
    missing.forEach(task -> pending.put(task, group));
    executor.submit(group.withTasks(missing));
  }

  /**
   * Waits for the next result, which is in the log then.
   *
   * @throws ExecutionFailure if no more results will come, or one cannot be kept
   */
  public TaskResult<?> take() {
    TaskResult<?> result = executor.take();
    TaskGroup group = pending.get(result.task());
    if (group == null) {
      throw new IllegalStateException("Not submitted: " + result.task());
    }
    requireSameType(result);
    writer.write(() -> log.append(result, group));
    pending.remove(result.task());
    listener.accept(result);
    return result;
  }

  /** Numbers of two types cannot be compared, and executors of two kinds would give them. */
  private void requireSameType(TaskResult<?> result) {
    if (result instanceof TaskResult.Completed<?> completed) {
      hardware.computed(completed.hardware());
      if (computeType == null) {
        computeType = completed.computeType();
      } else if (!computeType.equals(completed.computeType())) {
        throw new ExecutionFailure(
            "Earlier results were computed in "
                + computeType
                + " and an executor computes in "
                + completed.computeType()
                + ": expected devices of one kind; resume with a --master that has them.");
      }
    }
  }

  /**
   * Appends another record to the log, such as a decision, before anything is done about it.
   *
   * @throws ExecutionFailure if it cannot be kept
   */
  public void append(Runnable record) {
    writer.write(record);
  }

  /** Computes all tasks that the log lacks, and waits for them. */
  public void collect(List<TaskGroup> groups) {
    Set<ModelTask<?>> missing = new HashSet<>();
    groups.forEach(group -> missing.addAll(group.tasks()));
    missing.removeAll(log.results().keySet());
    groups.forEach(this::submit);
    while (!missing.isEmpty()) {
      missing.remove(take().task());
    }
  }
}
