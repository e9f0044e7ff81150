package org.longrope.driver.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.longrope.driver.execution.ModelTask;

/** The fields by which a record names its task. */
public interface TaskFormat {
  void write(ModelTask<?> task, ObjectNode record);

  /**
   * Reads the task of a record.
   *
   * @throws IllegalArgumentException if a field is missing or of the wrong kind
   */
  ModelTask<?> read(JsonNode record);
}
