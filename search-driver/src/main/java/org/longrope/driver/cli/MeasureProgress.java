package org.longrope.driver.cli;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.execution.TasksInProgress;
import org.longrope.driver.store.TaskLog;

/**
 * Progress of a measurement with the time to its end, by the cost of its tasks: a line every ten
 * seconds and at the end of each part.
 */
final class MeasureProgress implements Consumer<TaskResult<?>>, ExecutorListener {
  private static final Duration QUIET = Duration.ofSeconds(10);

  private final String unit;
  private final LongSupplier nanoTime;
  private final long startNanos;
  private final PacedProgress paced;
  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private final Map<String, Integer> done = new LinkedHashMap<>();

  /** Tasks without a result, in their order. */
  private final Map<ModelTask<?>, Weight> open = new LinkedHashMap<>();

  private final double cost;
  private double costDone;
  private TasksInProgress inProgress = TasksInProgress.NONE;

  /**
   * Weight of a task.
   *
   * @param part name of the part of the measurement that counts it, with a space at its end; empty
   *     if there is one part
   * @param count number of units
   * @param cost of the task, in any unit
   * @param detail for people; empty for none
   */
  record Weight(String part, int count, double cost, String detail) {}

  /**
   * Starts the clock.
   *
   * @param unit plural, such as evaluations
   * @param tasks of the measurement
   * @param log with the results of earlier processes
   */
  MeasureProgress(
      String unit,
      List<? extends ModelTask<?>> tasks,
      TaskLog log,
      Function<ModelTask<?>, Weight> weight,
      LongSupplier nanoTime) {
    this.unit = unit;
    this.nanoTime = nanoTime;
    startNanos = nanoTime.getAsLong();
    paced = new PacedProgress(QUIET, nanoTime);
    for (ModelTask<?> task : tasks) {
      Weight one = weight.apply(task);
      counts.merge(one.part(), one.count(), Integer::sum);
      done.merge(one.part(), log.result(task) == null ? 0 : one.count(), Integer::sum);
      if (log.result(task) == null) {
        open.put(task, one);
      }
    }
    cost = open.values().stream().mapToDouble(Weight::cost).sum();
  }

  @Override
  public synchronized void accept(TaskResult<?> result) {
    Weight weight = open.remove(result.task());
    if (weight == null) {
      return;
    }
    int reached = done.merge(weight.part(), weight.count(), Integer::sum);
    costDone += weight.cost();
    inProgress = inProgress.withoutOne();
    boolean end = reached == counts.getOrDefault(weight.part(), 0);
    if (open.isEmpty()) {
      double seconds = (nanoTime.getAsLong() - startNanos) * 1e-9;
      Progress.line("%s in %s", count(weight), Durations.text(seconds));
    } else {
      paced.log(line(weight, ""), costDone + costInProgress(), cost, end);
    }
  }

  @Override
  public synchronized void waiting(TasksInProgress now) {
    inProgress = now;
    if (now.done() > 0 && !open.isEmpty()) {
      Weight next = open.values().iterator().next();
      paced.log(line(next, Progress.text(now)), costDone + costInProgress(), cost, false);
    }
  }

  /** Estimates the cost of what running tasks have done: tasks run in their order. */
  private double costInProgress() {
    int running = inProgress.evaluations();
    double sum = 0;
    Iterator<Weight> next = open.values().iterator();
    for (int i = 0; i < running && next.hasNext(); i++) {
      sum += next.next().cost();
    }
    return running == 0 ? 0 : sum * inProgress.done() / running;
  }

  private String line(Weight weight, String more) {
    return count(weight) + weight.detail() + more;
  }

  private String count(Weight weight) {
    return String.format(
        Locale.ROOT,
        "%s%,d/%,d %s",
        weight.part(),
        done.getOrDefault(weight.part(), 0),
        counts.getOrDefault(weight.part(), 0),
        unit);
  }

  @Override
  public void warning(String sentence) {
    ClusterMessages.INSTANCE.warning(sentence);
  }

  @Override
  public void modelLoaded(double seconds) {}
}
