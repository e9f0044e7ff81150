package org.longrope.driver.run.replay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.eval.perplexity.DocumentScore;
import org.longrope.eval.perplexity.Protocol;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.search.Candidate;
import org.longrope.search.Proposal;

/** Entries as the journal writes them; doubles keep all their digits. */
public final class JournalRecord {
  private JournalRecord() {}

  public static ObjectNode toJson(JournalEntry entry) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("at", entry.at().toString());
    if (entry instanceof JournalEntry.Evaluated evaluated) {
      json.put("phase", evaluated.phase());
      evaluation(evaluated.evaluation(), json);
    } else if (entry instanceof JournalEntry.Decided decided) {
      json.put("decision", decided.number());
      json.put("told", decided.told());
      proposal(decided.proposal(), json);
    }
    return json;
  }

  private static void proposal(Proposal proposal, ObjectNode json) {
    Candidate candidate = proposal.candidate();
    json.put("generation", proposal.generation());
    for (int hundredths : candidate.hundredths()) {
      json.withArray("hundredths").add(hundredths);
    }
    json.put("start_tokens", candidate.startTokens());
    if (candidate.attention() != Candidate.AS_GIVEN) {
      json.put("attention_thousandths", candidate.attention());
    }
    for (int document : proposal.documents()) {
      json.withArray("documents").add(document);
    }
  }

  private static void evaluation(Evaluation evaluation, ObjectNode json) {
    EvaluationTask task = evaluation.task();
    task.rescaling().factors().toList().forEach(json.putArray("rescale_factors")::add);
    json.put("start_tokens", task.rescaling().startTokens());
    json.put("attention_factor", task.rescaling().attentionFactor());
    protocol(task.protocol(), json);
    json.put("document", task.documentId());
    if (evaluation instanceof Evaluation.Scored scored) {
      json.put("nll", scored.score().nll());
      json.put("tokens", scored.score().tokens());
      json.put("seconds", scored.score().seconds());
      json.put("dtype", scored.computeType());
      if (scored.hardware() != null) {
        json.put("hardware", scored.hardware());
      }
    } else if (evaluation instanceof Evaluation.Rejected rejected) {
      json.put("rejected", rejected.reason());
    }
  }

  /** A length alone is the truncated protocol, as in the journals before there were others. */
  private static void protocol(Protocol protocol, ObjectNode json) {
    json.put("length", protocol.length());
    if (protocol instanceof Protocol.Sliding sliding) {
      json.put("stride", sliding.stride());
    } else if (protocol instanceof Protocol.Tail tail) {
      json.put("from", tail.from());
    } else if (protocol instanceof Protocol.Needle needle) {
      json.put("depth", needle.depth());
      json.put("key", needle.key());
    }
  }

  private static Protocol protocol(JsonNode json) {
    int length = required(json, "length").asInt();
    if (json.has("stride")) {
      return new Protocol.Sliding(length, json.get("stride").asInt());
    }
    if (json.has("from")) {
      return new Protocol.Tail(length, json.get("from").asInt());
    }
    if (json.has("key")) {
      return new Protocol.Needle(
          length, required(json, "depth").asDouble(), json.get("key").asInt());
    }
    return new Protocol.Truncated(length);
  }

  /**
   * @throws IllegalArgumentException if a field is missing or of the wrong kind
   */
  public static JournalEntry fromJson(JsonNode json) {
    Instant at;
    try {
      at = Instant.parse(required(json, "at").asText());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(e);
    }
    if (!json.has("decision")) {
      return new JournalEntry.Evaluated(at, evaluation(json), required(json, "phase").asText());
    }
    return new JournalEntry.Decided(
        at, required(json, "decision").asInt(), required(json, "told").asInt(), proposal(json));
  }

  private static Proposal proposal(JsonNode json) {
    List<Integer> hundredths = new ArrayList<>();
    required(json, "hundredths").forEach(value -> hundredths.add(value.asInt()));
    List<Integer> documents = new ArrayList<>();
    json.path("documents").forEach(value -> documents.add(value.asInt()));
    return new Proposal(
        required(json, "generation").asInt(),
        Candidate.of(
            hundredths.stream().mapToInt(Integer::intValue).toArray(),
            required(json, "start_tokens").asInt(),
            json.path("attention_thousandths").asInt(Candidate.AS_GIVEN)),
        documents);
  }

  private static Evaluation evaluation(JsonNode json) {
    List<Double> factors = new ArrayList<>();
    required(json, "rescale_factors").forEach(factor -> factors.add(factor.asDouble()));
    String document = required(json, "document").asText();
    EvaluationTask task =
        new EvaluationTask(
            new Rescaling(
                RescaleFactors.of(factors),
                required(json, "start_tokens").asInt(),
                required(json, "attention_factor").asDouble()),
            document,
            protocol(json));
    if (json.has("rejected")) {
      return new Evaluation.Rejected(task, json.get("rejected").asText());
    }
    return new Evaluation.Scored(
        task,
        new DocumentScore(
            document,
            required(json, "nll").asDouble(),
            required(json, "tokens").asLong(),
            required(json, "seconds").asDouble()),
        required(json, "dtype").asText(),
        // Journals of older versions do not say it.
        json.path("hardware").asText(null));
  }

  private static JsonNode required(JsonNode json, String field) {
    JsonNode value = json.get(field);
    if (value == null) {
      throw new IllegalArgumentException("No field " + field);
    }
    return value;
  }
}
