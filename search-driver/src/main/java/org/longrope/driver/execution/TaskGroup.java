package org.longrope.driver.execution;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tasks that belong together, such as the documents of a candidate. Spark shows a group as one job.
 *
 * @param phase purpose of the tasks, as the log names it
 * @param description for people
 * @param decision number of the search's decision that the tasks evaluate; null for other tasks
 */
public record TaskGroup(
    String phase, String description, @Nullable Integer decision, List<ModelTask<?>> tasks) {
  public TaskGroup {
    tasks = List.copyOf(tasks);
  }

  /** Makes a group of tasks that no decision of a search has asked for. */
  public static TaskGroup of(String phase, String description, List<? extends ModelTask<?>> tasks) {
    return new TaskGroup(phase, description, null, List.copyOf(tasks));
  }

  /** Makes a group of some of the tasks, with the same description. */
  public TaskGroup withTasks(List<? extends ModelTask<?>> some) {
    return new TaskGroup(phase, description, decision, List.copyOf(some));
  }
}
