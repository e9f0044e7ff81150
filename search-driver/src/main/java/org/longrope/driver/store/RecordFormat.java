package org.longrope.driver.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The JSON of a log's records.
 *
 * @param <E> a record
 */
public interface RecordFormat<E> {
  ObjectNode toJson(E entry);

  /**
   * Reads a record.
   *
   * @throws IllegalArgumentException if a field is missing or of the wrong kind
   */
  E fromJson(JsonNode json);
}
