package org.longrope.driver.store.cache;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import org.longrope.driver.execution.CacheKey;
import org.longrope.driver.execution.DocumentHashes;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.store.files.RecordLines;

/**
 * A result that a cache keeps, with everything that it depends on except for its environment;
 * doubles keep all their digits.
 *
 * @param result the fields of the task's result
 * @param seconds of wall time; for people
 */
record CacheEntry(CacheKey key, String computeType, JsonNode result, double seconds) {
  private static final String KEY = "key";
  private static final String TASK = "task";
  private static final String TYPE = "dtype";
  private static final String RESULT = "result";
  private static final String SECONDS = "seconds";

  static <R> CacheEntry of(TaskResult.Completed<R> completed, DocumentHashes documents) {
    return new CacheEntry(
        completed.task().key(documents),
        completed.computeType(),
        // As it is read back, so that 1 and 1L are equal.
        RecordLines.reread(completed.task().toJson(completed.value())),
        completed.seconds());
  }

  /** Tells whether both have the same result, bit by bit. */
  boolean agrees(CacheEntry other) {
    return result.equals(other.result);
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("at", Instant.now().toString());
    json.put(TASK, key.task());
    json.put(KEY, key.sha256());
    json.put(TYPE, computeType);
    json.set(RESULT, result);
    json.put(SECONDS, seconds);
    return json;
  }

  /**
   * Reads an entry.
   *
   * @throws IllegalArgumentException if a field is missing
   */
  static CacheEntry fromJson(JsonNode json) {
    return new CacheEntry(
        new CacheKey(json.required(TASK).asText(), json.required(KEY).asText()),
        json.required(TYPE).asText(),
        json.required(RESULT),
        json.required(SECONDS).asDouble());
  }
}
