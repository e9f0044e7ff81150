package org.longrope.driver.measure.perplexity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.execution.TaskExecutor;
import org.longrope.driver.execution.TaskGroup;
import org.longrope.driver.factors.RescalingRequest;
import org.longrope.driver.store.KeptAnswers;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Rescalings by lengths: what is measured in one go. Where methods come to the same rescaling, as
 * within the original window, documents are read once.
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
  private final Map<EvaluationTask, Integer> numbers = new LinkedHashMap<>();

  /**
   * @param documents ids that the scorer knows
   */
  public PerplexityTable(
      List<Row> rows, List<Protocol> protocols, Collection<String> documents, RopeGeometry rope) {
    this.rows = List.copyOf(rows);
    this.protocols = List.copyOf(protocols);
    this.documents = List.copyOf(documents);
    this.rope = rope;
    for (Row row : rows) {
      for (Protocol protocol : protocols) {
        cell(row, protocol).forEach(task -> numbers.putIfAbsent(task, numbers.size()));
      }
    }
  }

  private Rescaling rescaling(Row row, Protocol protocol) {
    return row.rescaling().at(protocol.length(), rope);
  }

  private List<EvaluationTask> cell(Row row, Protocol protocol) {
    Rescaling rescaling = rescaling(row, protocol);
    return documents.stream().map(id -> new EvaluationTask(rescaling, id, protocol)).toList();
  }

  /** All that the answers depend on beside model, documents and how they are computed. */
  public ObjectNode asked() {
    ObjectNode asked = JsonNodeFactory.instance.objectNode();
    protocols.forEach(protocol -> asked.withArray("protocols").add(protocol.toString()));
    for (Row row : rows) {
      ObjectNode one = asked.withArray("rows").addObject().put("method", row.method());
      for (Protocol protocol : protocols) {
        PerplexityMeasurement.put(
            one.withArray("rescalings").addObject(), rescaling(row, protocol));
      }
    }
    return asked;
  }

  /** Evaluations of the whole table. */
  public int size() {
    return numbers.size();
  }

  /** Whether every evaluation has its answer. */
  public boolean isComplete(KeptAnswers kept) {
    return kept.byNumber().size() == size();
  }

  /**
   * Measures what has no answer, and keeps each answer as it comes.
   *
   * @param progress told after each how many of how many are done
   * @throws IllegalStateException if a document could not be scored
   */
  public void measure(
      TaskExecutor scorer, KeptAnswers kept, BiConsumer<Integer, Integer> progress) {
    numbers.forEach(
        (task, number) -> {
          if (!kept.byNumber().containsKey(number)) {
            String description = task.protocol() + " of " + task.documentId();
            scorer.submit(new TaskGroup("perplexity", description, List.of(task)));
          }
        });
    while (!isComplete(kept)) {
      Evaluation evaluation = scorer.take();
      if (evaluation instanceof Evaluation.Scored scored) {
        DocumentScore score = scored.score();
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        answer
            .put("nll", score.nll())
            .put("tokens", score.tokens())
            .put("seconds", score.seconds());
        kept.add(Map.of(number(scored.task()), answer), scored.computeType(), scored.hardware());
        progress.accept(kept.byNumber().size(), size());
      } else if (evaluation instanceof Evaluation.Rejected rejected) {
        throw new IllegalStateException(
            "document " + rejected.task().documentId() + ": " + rejected.reason());
      }
    }
  }

  /** All measurements, row by row. */
  public List<PerplexityMeasurement> measurements(KeptAnswers kept) {
    List<PerplexityMeasurement> measurements = new ArrayList<>();
    for (Row row : rows) {
      for (Protocol protocol : protocols) {
        measurements.add(
            new PerplexityMeasurement(
                row.method(),
                protocol,
                rescaling(row, protocol),
                cell(row, protocol).stream().map(task -> score(task, kept)).toList()));
      }
    }
    return measurements;
  }

  private DocumentScore score(EvaluationTask task, KeptAnswers kept) {
    JsonNode answer = kept.byNumber().get(number(task));
    if (answer == null) {
      throw new IllegalStateException("No answer for " + task);
    }
    return new DocumentScore(
        task.documentId(),
        answer.path("nll").asDouble(),
        answer.path("tokens").asLong(),
        answer.path("seconds").asDouble());
  }

  private int number(EvaluationTask task) {
    Integer number = numbers.get(task);
    if (number == null) {
      throw new IllegalArgumentException("Not of this table: " + task);
    }
    return number;
  }
}
