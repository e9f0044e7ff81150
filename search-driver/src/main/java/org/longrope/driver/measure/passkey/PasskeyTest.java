package org.longrope.driver.measure.passkey;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.PasskeyTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.store.TaskLog;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.rope.FactorTable;

/** A passkey test: a task for each trial of the grid, in the grid's order. */
public final class PasskeyTest {
  private final PasskeyGrid grid;
  private final boolean needle;
  private final List<PasskeyTask> tasks;

  /**
   * Lists the trials.
   *
   * @param needle tells whether only the likelihood of the key is measured
   * @param factors by a trial's length: the rescalings that its text goes through
   * @param bosTokenId that each prompt begins with; null for none
   */
  public PasskeyTest(
      PasskeyGrid grid,
      boolean needle,
      IntFunction<FactorTable> factors,
      String tokenizerHash,
      @Nullable Integer bosTokenId) {
    this.grid = grid;
    this.needle = needle;
    tasks =
        grid.questions().stream()
            .map(
                trial ->
                    new PasskeyTask(
                        trial, needle, factors.apply(trial.length()), tokenizerHash, bosTokenId))
            .toList();
  }

  public List<PasskeyTask> tasks() {
    return tasks;
  }

  /** Returns a group of tasks for each length. */
  public List<TaskGroup> groups() {
    Map<Integer, List<PasskeyTask>> byLength = new LinkedHashMap<>();
    for (PasskeyTask task : tasks) {
      byLength.computeIfAbsent(task.trial().length(), length -> new ArrayList<>()).add(task);
    }
    List<TaskGroup> groups = new ArrayList<>();
    byLength.forEach(
        (length, trials) -> groups.add(TaskGroup.of("passkey", length + " tokens", trials)));
    return groups;
  }

  /**
   * Collects all results.
   *
   * @throws IllegalStateException if a trial has none
   */
  public PasskeyMeasurement measurement(TaskLog log) {
    List<PasskeyResult> results = new ArrayList<>();
    for (PasskeyTask task : tasks) {
      if (!(log.result(task) instanceof TaskResult.Completed<PasskeyResult> completed)) {
        throw new IllegalStateException("No result of " + task.name());
      }
      results.add(completed.value());
    }
    return new PasskeyMeasurement(grid, needle, results);
  }
}
