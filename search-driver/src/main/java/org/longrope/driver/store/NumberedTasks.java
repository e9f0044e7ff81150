package org.longrope.driver.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.longrope.driver.execution.ModelTask;

/** Tasks by their numbers in a list that the identity of their measurement determines. */
public final class NumberedTasks implements TaskFormat {
  private static final String TASK = "task";

  private final List<? extends ModelTask<?>> tasks;
  private final Map<ModelTask<?>, Integer> numbers = new HashMap<>();

  /**
   * Numbers tasks from 0.
   *
   * @param tasks without duplicates
   */
  public NumberedTasks(List<? extends ModelTask<?>> tasks) {
    this.tasks = List.copyOf(tasks);
    for (ModelTask<?> task : tasks) {
      numbers.put(task, numbers.size());
    }
  }

  @Override
  public void write(ModelTask<?> task, ObjectNode record) {
    Integer number = numbers.get(task);
    if (number == null) {
      throw new IllegalArgumentException("Not one of the tasks: " + task);
    }
    record.put(TASK, number);
  }

  @Override
  public ModelTask<?> read(JsonNode record) {
    int number = record.required(TASK).asInt(-1);
    if (number < 0 || number >= tasks.size()) {
      throw new IllegalArgumentException("There is no task " + record.get(TASK));
    }
    return tasks.get(number);
  }
}
