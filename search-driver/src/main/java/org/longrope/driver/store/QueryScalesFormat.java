package org.longrope.driver.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.Base64;
import org.longrope.eval.rope.QueryScales;

/**
 * Query scales in a record: their shape, and ψ in millionths as base64 of little-endian int32. A
 * record of queries as they are has no such field.
 */
public final class QueryScalesFormat {
  private static final String FIELD = "query_scales";
  private static final String LAYERS = "layers";
  private static final String HEADS = "heads";
  private static final String LOGS = "log_millionths";

  private QueryScalesFormat() {}

  /** Adds the field to a record. */
  public static void write(QueryScales scales, ObjectNode record) {
    if (scales.isNone()) {
      return;
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Integer.BYTES * scales.size()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(scales.millionths());
    record
        .putObject(FIELD)
        .put(LAYERS, scales.layers())
        .put(HEADS, scales.heads())
        .put(LOGS, Base64.getEncoder().encodeToString(bytes.array()));
  }

  /**
   * Reads the field of a record.
   *
   * @param pairs d/2 of the model
   * @throws IllegalArgumentException if it is damaged
   */
  public static QueryScales read(JsonNode record, int pairs) {
    if (!record.has(FIELD)) {
      return QueryScales.NONE;
    }
    JsonNode field = record.get(FIELD);
    byte[] bytes = Base64.getDecoder().decode(field.required(LOGS).asText());
    IntBuffer logs = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
    int[] millionths = new int[logs.remaining()];
    logs.get(millionths);
    return QueryScales.ofLogs(
        field.required(LAYERS).asInt(), field.required(HEADS).asInt(), pairs, millionths);
  }
}
