package org.longrope.driver.run.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.ValueNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.store.EvaluationFormat;
import org.longrope.driver.store.QueryScalesFormat;
import org.longrope.driver.store.RecordFormat;
import org.longrope.driver.store.ResultFields;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;

/**
 * The records of a run's log. An evaluation names its decision by number; the decision has the
 * candidate. Evaluations of other rescalings, such as those of other phases, and all of earlier
 * versions, have the rescaling itself, but for query scales that are those of the decision.
 */
final class RunRecords implements RecordFormat<LogEntry> {
  private static final String DECISION = "decision";
  private static final String GRADIENT = "gradient";
  private static final String ITS_SCALES = "query_scales_of_decision";

  private final EvaluationFormat evaluations = new EvaluationFormat();
  private final Function<Candidate, Rescaling> rescaling;
  private final Map<Integer, Rescaling> rescalings = new HashMap<>();

  /**
   * Converts records by the rescaling of each candidate.
   *
   * @param rescaling of a candidate of the search
   */
  RunRecords(Function<Candidate, Rescaling> rescaling) {
    this.rescaling = rescaling;
  }

  @Override
  public ObjectNode toJson(LogEntry entry) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("at", entry.at().toString());
    if (entry instanceof LogEntry.Evaluated evaluated) {
      json.put("phase", evaluated.phase());
      task(evaluated.task(), evaluated.decision(), json);
      ResultFields.write(evaluated.result(), json);
    } else if (entry instanceof LogEntry.Decided decided) {
      json.put(DECISION, decided.number());
      json.put("told", decided.told());
      proposal(decided.proposal(), json);
      keep(decided);
    }
    return json;
  }

  private void task(EvaluationTask task, @Nullable Integer decision, ObjectNode json) {
    if (decision == null) {
      evaluations.write(task, json);
      return;
    }
    json.put(DECISION, decision);
    Rescaling decided = rescaling(decision);
    if (!task.rescaling().equals(decided)) {
      QueryScales scales = task.rescaling().queryScales();
      boolean same = !scales.isNone() && scales.equals(decided.queryScales());
      EvaluationFormat.write(
          same ? task.rescaling().withQueryScales(QueryScales.NONE) : task.rescaling(), json);
      if (same) {
        json.put(ITS_SCALES, true);
      }
    }
    EvaluationFormat.writePassage(task, json);
  }

  private EvaluationTask task(@Nullable Integer decision, JsonNode json) {
    if (decision != null && !EvaluationFormat.hasRescaling(json)) {
      return EvaluationFormat.readPassage(rescaling(decision), json);
    }
    EvaluationTask task = evaluations.read(json);
    return decision != null && json.path(ITS_SCALES).asBoolean()
        ? task.at(task.rescaling().withQueryScales(rescaling(decision).queryScales()))
        : task;
  }

  private void keep(LogEntry.Decided decided) {
    rescalings.put(decided.number(), rescaling.apply(decided.proposal().candidate()));
  }

  private static void proposal(Proposal proposal, ObjectNode json) {
    Candidate candidate = proposal.candidate();
    json.put("generation", proposal.generation());
    for (double hundredths : candidate.inHundredths()) {
      json.withArray("hundredths").add(number(hundredths));
    }
    json.put("start_tokens", candidate.startTokens());
    if (candidate.attention() != Candidate.AS_GIVEN) {
      json.set("attention_thousandths", number(candidate.attention()));
    }
    QueryScalesFormat.write(candidate.queryScales(), json);
    if (proposal.gradient()) {
      json.put(GRADIENT, true);
    }
    for (int document : proposal.documents()) {
      json.withArray("documents").add(document);
    }
  }

  /** Writes a whole number without a point, as earlier versions did. */
  private static ValueNode number(double value) {
    return value == (int) value ? IntNode.valueOf((int) value) : DoubleNode.valueOf(value);
  }

  @Override
  public LogEntry fromJson(JsonNode json) {
    Instant at;
    try {
      at = Instant.parse(json.required("at").asText());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e);
    }
    if (EvaluationFormat.isEvaluation(json)) {
      Integer decision = json.has(DECISION) ? (Integer) json.get(DECISION).asInt() : null;
      EvaluationTask task = task(decision, json);
      return new LogEntry.Evaluated(
          at, json.required("phase").asText(), decision, task, ResultFields.read(task, json));
    }
    LogEntry.Decided decided =
        new LogEntry.Decided(
            at, json.required(DECISION).asInt(), json.required("told").asInt(), proposal(json));
    keep(decided);
    return decided;
  }

  private Rescaling rescaling(int decision) {
    @Nullable Rescaling known = rescalings.get(decision);
    if (known == null) {
      throw new IllegalArgumentException("No decision " + decision);
    }
    return known;
  }

  private static Proposal proposal(JsonNode json) {
    List<Double> hundredths = new ArrayList<>();
    json.required("hundredths").forEach(value -> hundredths.add(value.asDouble()));
    List<Integer> documents = new ArrayList<>();
    json.path("documents").forEach(value -> documents.add(value.asInt()));
    return new Proposal(
        json.required("generation").asInt(),
        Candidate.free(
                hundredths.stream().mapToDouble(Double::doubleValue).toArray(),
                json.required("start_tokens").asInt(),
                json.path("attention_thousandths").asDouble(Candidate.AS_GIVEN))
            .withQueryScales(QueryScalesFormat.read(json, hundredths.size())),
        documents,
        json.path(GRADIENT).asBoolean());
  }
}
