package org.longrope.driver.store;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.ModelTask;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** Evaluations by their document, protocol and rescaling; doubles keep all their digits. */
public final class EvaluationFormat implements TaskFormat {
  private static final String FACTORS = "rescale_factors";
  private static final String DOCUMENT = "document";
  private static final String GRADIENT = "gradient";
  private static final String CHUNKED = "chunked";

  @Override
  public void write(ModelTask<?> task, ObjectNode record) {
    EvaluationTask evaluation = (EvaluationTask) task;
    write(evaluation.rescaling(), record);
    writePassage(evaluation, record);
  }

  @Override
  public EvaluationTask read(JsonNode record) {
    return readPassage(readRescaling(record), record);
  }

  /** Adds the fields of a rescaling to a record. */
  public static void write(Rescaling rescaling, ObjectNode record) {
    rescaling.factors().toList().forEach(record.putArray(FACTORS)::add);
    record.put("start_tokens", rescaling.startTokens());
    record.put("attention_factor", rescaling.attentionFactor());
    QueryScalesFormat.write(rescaling.queryScales(), record);
  }

  private static Rescaling readRescaling(JsonNode record) {
    List<Double> factors = new ArrayList<>();
    record.required(FACTORS).forEach(factor -> factors.add(factor.asDouble()));
    return new Rescaling(
        RescaleFactors.of(factors),
        record.required("start_tokens").asInt(),
        record.required("attention_factor").asDouble(),
        QueryScalesFormat.read(record, factors.size()));
  }

  /** Adds document and protocol to a record. A length alone is the truncated protocol. */
  public static void writePassage(EvaluationTask task, ObjectNode record) {
    Protocol protocol = task.protocol();
    record.put("length", protocol.length());
    if (protocol instanceof Protocol.Sliding sliding) {
      record.put("stride", sliding.stride());
    } else if (protocol instanceof Protocol.Chunked chunked) {
      record.put(CHUNKED, chunked.tokens());
    } else if (protocol instanceof Protocol.Tail tail) {
      record.put("from", tail.from());
    } else if (protocol instanceof Protocol.Needle needle) {
      record.put("depth", needle.depth());
      record.put("key", needle.key());
    }
    record.put(DOCUMENT, task.documentId());
    if (task.gradient()) {
      record.put(GRADIENT, true);
    }
  }

  /**
   * Reads an evaluation from the document and the protocol of a record.
   *
   * @param rescaling of the evaluation
   */
  public static EvaluationTask readPassage(Rescaling rescaling, JsonNode record) {
    return new EvaluationTask(
        rescaling,
        record.required(DOCUMENT).asText(),
        readProtocol(record),
        record.path(GRADIENT).asBoolean());
  }

  private static Protocol readProtocol(JsonNode record) {
    int length = record.required("length").asInt();
    if (record.has("stride")) {
      return new Protocol.Sliding(length, record.get("stride").asInt());
    }
    if (record.has(CHUNKED)) {
      return new Protocol.Chunked(length, record.get(CHUNKED).asInt());
    }
    if (record.has("from")) {
      return new Protocol.Tail(length, record.get("from").asInt());
    }
    if (record.has("key")) {
      return new Protocol.Needle(
          length, record.required("depth").asDouble(), record.get("key").asInt());
    }
    return new Protocol.Truncated(length);
  }

  /** Tells whether a record has a rescaling of its own. */
  public static boolean hasRescaling(JsonNode record) {
    return record.has(FACTORS);
  }

  /** Tells whether a record is that of an evaluation. */
  public static boolean isEvaluation(JsonNode record) {
    return record.has(DOCUMENT);
  }
}
