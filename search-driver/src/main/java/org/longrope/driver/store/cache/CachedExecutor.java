package org.longrope.driver.store.cache;

import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.store.files.HadoopDirectory;

/**
 * An executor that computes only what a cache does not have, and adds what it computes.
 *
 * <p>The compute type of the workers, and the {@link HardwareClass} that has their very bits, are
 * known only from a result of theirs. So the first task of each class is a probe: it is computed
 * all the same, and all other tasks of the class wait for it. If the bits differ, the class comes
 * from another kind of CPU or GPU and is not used; what is computed here is added to the cache. The
 * log of a resumed run saves it the probes.
 */
public final class CachedExecutor implements TaskExecutor, AutoCloseable {
  private final TaskExecutor executor;
  private final EvaluationCache cache;
  private final Consumer<String> warning;

  /** Cached results that wait to be taken. */
  private final Queue<TaskResult<?>> cached = new ArrayDeque<>();

  /** Tasks that the cache has, while it is not known whether to trust it. */
  private List<TaskGroup> waiting = new ArrayList<>();

  /** Running tasks that decide about classes. */
  private final Map<ModelTask<?>, List<HardwareClass>> probes = new HashMap<>();

  /** Known results that were computed here too; they are added with the next unknown one. */
  private final List<CacheEntry> agreed = new ArrayList<>();

  private @Nullable String computeType;

  /** Hardware of the worker whose bits the trusted results have. */
  private @Nullable String hardware;

  private boolean warned;
  private boolean writable = true;
  private long answered;

  /**
   * Wraps an executor.
   *
   * @param logged results that the run has already
   * @param warning receives a sentence if the cache or files of it cannot be used or written
   */
  public CachedExecutor(
      TaskExecutor executor,
      EvaluationCache cache,
      Collection<TaskResult<?>> logged,
      Consumer<String> warning) {
    this.executor = executor;
    this.cache = cache;
    this.warning = warning;
    String unusable = cache.unusable();
    if (unusable != null) {
      warning.accept(unusable);
    }
    for (TaskResult<?> result : logged) {
      if (result instanceof TaskResult.Completed<?> completed) {
        compare(completed);
      }
    }
  }

  /** Returns the number of tasks that the cache has answered. */
  public long answered() {
    return answered;
  }

  @Override
  public void submit(TaskGroup group) {
    waiting.add(group);
    dispatch();
  }

  /** Submits the tasks that the cache does not have, and answers those that it is trusted for. */
  private void dispatch() {
    List<TaskGroup> groups = waiting;
    waiting = new ArrayList<>();
    for (TaskGroup group : groups) {
      List<ModelTask<?>> live = new ArrayList<>();
      List<ModelTask<?>> untrusted = new ArrayList<>();
      for (ModelTask<?> task : group.tasks()) {
        CacheEntry known = computeType == null ? null : cache.get(task, computeType);
        if (known != null) {
          cached.add(result(task, known));
          continue;
        }
        List<HardwareClass> untested = cache.untested(task, computeType);
        if (untested.isEmpty()) {
          live.add(task);
        } else if (probes.values().stream()
            .allMatch(others -> Collections.disjoint(others, untested))) {
          probes.put(task, untested);
          live.add(0, task);
        } else {
          untrusted.add(task);
        }
      }
      if (!live.isEmpty()) {
        executor.submit(group.withTasks(live));
      }
      if (!untrusted.isEmpty()) {
        waiting.add(group.withTasks(untrusted));
      }
    }
  }

  private <R> TaskResult<R> result(ModelTask<R> task, CacheEntry entry) {
    // No seconds: what a run cost is its own.
    return new TaskResult.Completed<>(
        task, task.fromJson(entry.result()), entry.computeType(), hardware, 0);
  }

  @Override
  public TaskResult<?> take() {
    TaskResult<?> known = cached.poll();
    if (known != null) {
      answered++;
      return known;
    }
    TaskResult<?> live = executor.take();
    if (live instanceof TaskResult.Completed<?> completed) {
      compare(completed);
      add(completed);
    }
    if (probes.remove(live.task()) != null) {
      dispatch();
    }
    return live;
  }

  private void compare(TaskResult.Completed<?> completed) {
    if (computeType == null) {
      computeType = completed.computeType();
      hardware = completed.hardware();
    }
    CacheEntry live = cache.entry(completed);
    CacheEntry other = cache.compare(live);
    if (other != null && !warned) {
      warned = true;
      warning.accept(
          String.format(
              "the evaluation cache %s has %s where this hardware gives %s: it comes from another"
                  + " kind of CPU or GPU, and its results are computed again.",
              cache.location(), other.result(), live.result()));
    }
  }

  private void add(TaskResult.Completed<?> completed) {
    if (!writable) {
      return;
    }
    agreed.add(cache.entry(completed));
    if (cache.get(completed.task(), completed.computeType()) == null) {
      write(() -> agreed.forEach(cache::append));
      agreed.clear();
    }
  }

  private void write(Runnable write) {
    try {
      write.run();
    } catch (UncheckedIOException e) {
      writable = false;
      warning.accept(
          HadoopDirectory.sentence(e)
              + "; the run continues, its evaluations are not added to the cache.");
    }
  }

  @Override
  public int slots() {
    return executor.slots();
  }

  /** Finishes the file of this process; the executor stays open. */
  @Override
  public void close() {
    if (writable) {
      write(cache::close);
    }
  }
}
