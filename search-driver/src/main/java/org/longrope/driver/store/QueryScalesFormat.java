package org.longrope.driver.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.longrope.eval.PackedNumbers;
import org.longrope.eval.rope.QueryScales;

/**
 * Query scales in a record: their shape, and ψ in millionths. A record of queries as they are has
 * no such field.
 */
public final class QueryScalesFormat {
  private static final String FIELD = "query_scales";
  private static final String LAYERS = "layers";
  private static final String HEADS = "heads";
  private static final String MILLIONTHS = "millionths";

  private QueryScalesFormat() {}

  /** Adds the field to a record. */
  public static void write(QueryScales scales, ObjectNode record) {
    if (!scales.isNone()) {
      record
          .putObject(FIELD)
          .put(LAYERS, scales.layers())
          .put(HEADS, scales.heads())
          .put(MILLIONTHS, PackedNumbers.ofInts(scales.millionths()));
    }
  }

  /**
   * Reads the field of a record.
   *
   * @param pairs d/2 of the model
   * @throws IllegalArgumentException if it is damaged
   */
  public static QueryScales read(JsonNode record, int pairs) {
    JsonNode scales = record.path(FIELD);
    return scales.isMissingNode()
        ? QueryScales.NONE
        : QueryScales.ofLogs(
            scales.required(LAYERS).asInt(),
            scales.required(HEADS).asInt(),
            pairs,
            PackedNumbers.ints(scales.required(MILLIONTHS).asText()));
  }
}
