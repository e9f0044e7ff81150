package org.longrope.driver.execution;

import java.util.List;

/**
 * Tasks that belong together: a candidate's documents, say. Spark shows a group as one job.
 *
 * @param phase what the tasks are for, as the journal says it
 * @param description for people
 */
public record TaskGroup(String phase, String description, List<EvaluationTask> tasks) {
  public TaskGroup {
    tasks = List.copyOf(tasks);
  }
}
