package org.longrope.driver.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.longrope.driver.execution.ModelTask;
import org.longrope.driver.execution.TaskResult;

/** The fields of a record that hold the result of its task; doubles keep all their digits. */
public final class ResultFields {
  private static final String SECONDS = "seconds";
  private static final String TYPE = "dtype";
  private static final String HARDWARE = "hardware";
  private static final String REJECTED = "rejected";

  private ResultFields() {}

  /** Adds a result to a record. */
  public static <R> void write(TaskResult<R> result, ObjectNode record) {
    if (result instanceof TaskResult.Completed<R> completed) {
      record.setAll(result.task().toJson(completed.value()));
      record.put(SECONDS, completed.seconds());
      record.put(TYPE, completed.computeType());
      if (completed.hardware() != null) {
        record.put(HARDWARE, completed.hardware());
      }
    } else if (result instanceof TaskResult.Rejected<R> rejected) {
      record.put(REJECTED, rejected.reason());
    }
  }

  /**
   * Reads the result of a task from its record.
   *
   * @throws IllegalArgumentException if a field is missing or of the wrong kind
   */
  public static <R> TaskResult<R> read(ModelTask<R> task, JsonNode record) {
    if (record.has(REJECTED)) {
      return new TaskResult.Rejected<>(task, record.get(REJECTED).asText());
    }
    return new TaskResult.Completed<>(
        task,
        task.fromJson(record),
        record.required(TYPE).asText(),
        // Logs of older versions do not have it.
        record.path(HARDWARE).asText(null),
        record.required(SECONDS).asDouble());
  }
}
