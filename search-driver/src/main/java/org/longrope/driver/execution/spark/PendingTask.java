package org.longrope.driver.execution.spark;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.Outage;
import org.longrope.driver.execution.TaskGroup;

/** A task that has not been answered, and what came of its attempts so far. */
final class PendingTask {
  private final TaskGroup group;
  private final EvaluationTask task;
  private final Outage failing = new Outage();
  private final Outage late = new Outage();
  private final Set<String> lateOn = new HashSet<>();
  private int failures;
  private int timeouts;

  /**
   * @param group that it was submitted with
   */
  PendingTask(TaskGroup group, EvaluationTask task) {
    this.group = group;
    this.task = task;
  }

  /** The task by itself, under its group's name. */
  TaskGroup again() {
    return new TaskGroup(group.phase(), group.description(), List.of(task));
  }

  /** Such as "the evaluation of document D by candidate 17 (3f…)". */
  String name() {
    return "the evaluation of document " + task.documentId() + " for " + group.description();
  }

  /** A round of Spark's attempts has failed. */
  void failed() {
    failures++;
    failing.lasts();
  }

  /** Rounds that have failed. */
  int failures() {
    return failures;
  }

  /** Time since the first round failed; not to be asked before. */
  Duration failingFor() {
    return failing.lasts();
  }

  /** An attempt was stopped at its deadline. */
  void timedOut(String executor) {
    timeouts++;
    late.lasts();
    lateOn.add(executor);
  }

  /** Attempts that were stopped at their deadlines. */
  int timeouts() {
    return timeouts;
  }

  /** Time since the first attempt was stopped; not to be asked before. */
  Duration lateFor() {
    return late.lasts();
  }

  /** Executors on which it is not tried again as long as there are others. */
  Set<String> lateOn() {
    return lateOn;
  }
}
