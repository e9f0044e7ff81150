package org.longrope.driver.execution.spark;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.Outage;
import org.longrope.driver.execution.TaskGroup;

/** A submitted task without a result, with the outcomes of its attempts. */
final class PendingTask {
  private final TaskGroup group;
  private final ModelTask<?> task;
  private final Outage failing = new Outage();
  private final Outage late = new Outage();
  private final Set<String> lateOn = new HashSet<>();
  private int failures;
  private int timeouts;

  /**
   * Adds a task to a group.
   *
   * @param group that the task was submitted with
   */
  PendingTask(TaskGroup group, ModelTask<?> task) {
    this.group = group;
    this.task = task;
  }

  /** Makes a group of this task alone, with the description of its group. */
  TaskGroup again() {
    return group.withTasks(List.of(task));
  }

  /** Names the task, such as "the evaluation of document D for candidate 17 (3f…)". */
  String name() {
    return task.name() + " for " + group.description();
  }

  /** Counts a failed round of Spark's attempts. */
  void failed() {
    failures++;
    failing.lasts();
  }

  /** Returns the number of failed rounds. */
  int failures() {
    return failures;
  }

  /** Returns the time since the first round failed; one must have failed. */
  Duration failingFor() {
    return failing.lasts();
  }

  /** Counts an attempt that was stopped at its deadline. */
  void timedOut(String executor) {
    timeouts++;
    late.lasts();
    lateOn.add(executor);
  }

  /** Returns the number of attempts that were stopped at their deadlines. */
  int timeouts() {
    return timeouts;
  }

  /** Returns the time since the first attempt was stopped; one must have been. */
  Duration lateFor() {
    return late.lasts();
  }

  /** Returns the executors that missed a deadline; they are avoided while there are others. */
  Set<String> lateOn() {
    return lateOn;
  }
}
