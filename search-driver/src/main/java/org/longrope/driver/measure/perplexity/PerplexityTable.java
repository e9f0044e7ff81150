package org.longrope.driver.measure.perplexity;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.factors.RescalingJson;
import org.longrope.driver.factors.RescalingRequest;
import org.longrope.driver.store.TaskLog;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Rescalings by lengths, measured in one run. Where methods come to the same rescaling, as within
 * the original window, documents are read once.
 */
public final class PerplexityTable {
  /**
   * A line of the table.
   *
   * @param method its name
   */
  public record Row(String method, RescalingRequest rescaling) {}

  private final List<Row> rows;
  private final List<Protocol> protocols;
  private final List<String> documents;
  private final RopeGeometry rope;
  private final List<TaskGroup> groups = new ArrayList<>();
  private final List<EvaluationTask> tasks;

  /**
   * Collects the measurements of a table.
   *
   * @param documents ids that the workers know
   */
  public PerplexityTable(
      List<Row> rows, List<Protocol> protocols, Collection<String> documents, RopeGeometry rope) {
    this.rows = List.copyOf(rows);
    this.protocols = List.copyOf(protocols);
    this.documents = List.copyOf(documents);
    this.rope = rope;
    Set<EvaluationTask> distinct = new LinkedHashSet<>();
    for (Row row : rows) {
      for (Protocol protocol : protocols) {
        List<EvaluationTask> cell = cell(row, protocol);
        distinct.addAll(cell);
        groups.add(TaskGroup.of("perplexity", row.method() + ", " + protocol, cell));
      }
    }
    tasks = List.copyOf(distinct);
  }

  /**
   * Returns protocols that divide the tokens of the longest length: those up to the first, and
   * those between one length and the next.
   */
  public static List<Protocol> byPosition(SortedSet<Integer> lengths) {
    List<Protocol> protocols = new ArrayList<>();
    int from = 1;
    for (int length : lengths) {
      protocols.add(new Protocol.Tail(length, from));
      from = length;
    }
    return protocols;
  }

  /** Returns the rescaling of a length; that of the longest where positions are compared. */
  private Rescaling rescaling(Row row, Protocol protocol) {
    int length =
        protocol instanceof Protocol.Tail
            ? protocols.get(protocols.size() - 1).length()
            : protocol.length();
    return row.rescaling().at(length, rope);
  }

  private List<EvaluationTask> cell(Row row, Protocol protocol) {
    Rescaling rescaling = rescaling(row, protocol);
    return documents.stream().map(id -> new EvaluationTask(rescaling, id, protocol)).toList();
  }

  /** Returns everything that the results depend on, except for model and documents. */
  public ObjectNode identity() {
    ObjectNode identity = JsonNodeFactory.instance.objectNode();
    protocols.forEach(protocol -> identity.withArray("protocols").add(protocol.toString()));
    for (Row row : rows) {
      ObjectNode one = identity.withArray("rows").addObject().put("method", row.method());
      for (Protocol protocol : protocols) {
        RescalingJson.put(one.withArray("rescalings").addObject(), rescaling(row, protocol));
      }
    }
    return identity;
  }

  /** Returns the evaluations of the whole table, each once. */
  public List<EvaluationTask> tasks() {
    return tasks;
  }

  /** Returns a group of evaluations for each cell of the table. */
  public List<TaskGroup> groups() {
    return groups;
  }

  /**
   * Collects all measurements, row by row.
   *
   * @throws IllegalStateException if an evaluation has no result
   */
  public List<PerplexityMeasurement> measurements(TaskLog log) {
    List<PerplexityMeasurement> measurements = new ArrayList<>();
    for (Row row : rows) {
      for (Protocol protocol : protocols) {
        measurements.add(
            new PerplexityMeasurement(
                row.method(),
                protocol,
                rescaling(row, protocol),
                cell(row, protocol).stream().map(task -> score(task, log)).toList()));
      }
    }
    return measurements;
  }

  private static DocumentScore score(EvaluationTask task, TaskLog log) {
    if (log.result(task) instanceof TaskResult.Completed<DocumentScore> completed) {
      return completed.value();
    }
    throw new IllegalStateException("No result of " + task.name());
  }
}
