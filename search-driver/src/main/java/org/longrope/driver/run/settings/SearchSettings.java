package org.longrope.driver.run.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.longrope.datasets.DocumentDescriptor;
import org.longrope.datasets.EvaluationPartition;
import org.longrope.driver.execution.FaultTolerance;
import org.longrope.driver.run.problem.ExtensionProblem;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.problem.WarmStart;
import org.longrope.driver.store.files.FileLocation;
import org.longrope.eval.BadInputException;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.rope.AttentionFactor;
import org.longrope.search.SearchMode;
import org.longrope.search.StrategyConfig;

/**
 * What a search is asked to do; with the model and the partition it decides every number of the
 * run.
 *
 * @param model directory of the checkpoint
 * @param data Hadoop path of the partition
 * @param targetLength in tokens
 * @param documents scored by every candidate
 * @param heldOutDocuments scored for the summary alone
 * @param objective what is minimised
 * @param maxFactor greatest λ that is tried; null: 1.25 times the extension ratio
 * @param starts what it begins with beside the methods
 * @param search the algorithm and its parameters
 * @param attentionFactor how a follows from the extension ratio
 * @param attentionWindow config, none or a number of tokens
 * @param threads of one evaluation on a CPU
 * @param mode whether the search waits for each generation
 * @param limits what is put up with; no number depends on them
 */
public record SearchSettings(
    String model,
    String data,
    int targetLength,
    int documents,
    int heldOutDocuments,
    Objective objective,
    @Nullable Double maxFactor,
    List<WarmStart> starts,
    StrategyConfig search,
    AttentionFactor attentionFactor,
    AttentionWindow attentionWindow,
    int threads,
    SearchMode mode,
    FaultTolerance limits) {

  /** File of a run directory that keeps the settings. */
  private static final String STORED_IN = "run.json";

  private static final int MAX_FACTOR = 1_000_000;
  private static final int MOST_STARTS = 4;

  public SearchSettings {
    starts = List.copyOf(starts);
  }

  /** All that is wrong with the settings by themselves, a sentence each. */
  List<String> problems() {
    List<String> problems = new ArrayList<>(search.problems(mode, Math.max(1, documents)));
    if (!(targetLength >= 2)) {
      problems.add("target-length is " + targetLength + ": expected 2 or more tokens.");
    }
    if (!(documents >= 1)) {
      problems.add("documents is " + documents + ": expected 1 or more.");
    }
    if (!(heldOutDocuments >= 0)) {
      problems.add("held-out-documents is " + heldOutDocuments + ": expected 0 or more.");
    }
    if (maxFactor != null && !(maxFactor >= 1 && maxFactor <= MAX_FACTOR)) {
      problems.add(
          "max-factor is " + maxFactor + ": expected 1 or more, and at most " + MAX_FACTOR + ".");
    }
    if (starts.size() > MOST_STARTS) {
      problems.add(
          "start-from has " + starts.size() + " files: expected " + MOST_STARTS + " at most.");
    }
    if (limits.deadline() != null && limits.deadline().toMillis() < 1) {
      problems.add("deadline is " + limits.deadline() + ": expected more than no time.");
    }
    if (limits.patience().isNegative()) {
      problems.add("patience is " + limits.patience() + ": expected a time.");
    }
    if (!(threads >= 1)) {
      problems.add("threads is " + threads + ": expected 1 or more.");
    }
    return problems;
  }

  /**
   * Checks that there is something to search for.
   *
   * @param window the model's original one, tokens
   * @param reached tokens that the model reads: its window, or what it was extended to
   * @param extended whether it was
   * @throws BadInputException if not
   */
  public void requireTarget(int window, int reached, boolean extended) {
    if (targetLength <= reached && maxFactor == null) {
      throw BadInputException.of(
          "--target-length %d is not beyond the model's %s of %d tokens: expected more; %s.",
          targetLength,
          extended ? "present length" : "window",
          reached,
          extended
              ? "give --max-factor to search for a shorter length that the extension has weakened"
              : "up to it nothing needs rescaling");
    }
    if (targetLength <= window && objective == Objective.LONG_TOKENS) {
      throw withinWindow(window, "scores the tokens beyond it");
    }
    if (targetLength <= window && objective == Objective.LONG_AND_SHORT) {
      throw withinWindow(window, "weighs the one against the other");
    }
  }

  private BadInputException withinWindow(int window, String does) {
    return BadInputException.of(
        "--target-length %d is not beyond the model's original window of %d tokens: expected more"
            + " for --objective %s, which %s.",
        targetLength, window, objective, does);
  }

  /**
   * The documents that are long enough, by id.
   *
   * @throws BadInputException if they are too few
   */
  public List<String> requireDocuments(EvaluationPartition partition) {
    List<String> eligible = new ArrayList<>();
    for (DocumentDescriptor document : partition.documents()) {
      int tokens = document.tokenCount();
      // BOS counts; whether one is prepended shows only in the document itself.
      if (tokens >= targetLength
          || (tokens == targetLength - 1
              && partition.sequence(document.id()).length == targetLength)) {
        eligible.add(document.id());
      }
    }
    if (eligible.size() < documents) {
      throw BadInputException.of(
          "%s has %d documents of at least %d tokens: expected %d or more; prepare longer"
              + " documents, or lower --documents or --target-length.",
          data, eligible.size(), targetLength, documents);
    }
    return eligible;
  }

  /**
   * About how many documents are read, by length, if no candidate is left out.
   *
   * @param heldOut documents of the summary alone that there are
   * @param window the model's original one, tokens
   */
  public Map<Integer, Double> passes(int heldOut, int window) {
    double methods = ExtensionProblem.METHODS_COMPARED;
    Map<Integer, Double> passes = new TreeMap<>();
    double searched =
        search.documentsScored(documents) + methods * documents + (methods + 1) * heldOut;
    passes.merge(targetLength, searched, Double::sum);
    passes.merge(
        window,
        objective == Objective.LONG_AND_SHORT ? searched : (methods + 1) * (documents + heldOut),
        Double::sum);
    return passes;
  }

  /** The same with paths that hold in every working directory and on every host. */
  public SearchSettings withFullPaths(Configuration hadoop) {
    return at(FileLocation.parse(model).absolute(), EvaluationPartition.qualified(data, hadoop));
  }

  /** The same with model and data in other places. */
  public SearchSettings at(String otherModel, String otherData) {
    return new SearchSettings(
        otherModel,
        otherData,
        targetLength,
        documents,
        heldOutDocuments,
        objective,
        maxFactor,
        starts,
        search,
        attentionFactor,
        attentionWindow,
        threads,
        mode,
        limits);
  }

  /** The same with other limits, on which no number depends. */
  public SearchSettings withLimits(FaultTolerance other) {
    return new SearchSettings(
        model,
        data,
        targetLength,
        documents,
        heldOutDocuments,
        objective,
        maxFactor,
        starts,
        search,
        attentionFactor,
        attentionWindow,
        threads,
        mode,
        other);
  }

  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", model);
    json.put("data", data);
    json.put("target-length", targetLength);
    json.put("documents", documents);
    json.put("held-out-documents", heldOutDocuments);
    json.put("objective", objective.toString());
    json.put("max-factor", maxFactor);
    starts.forEach(start -> json.withArray("start-from").add(start.toJson()));
    json.put("strategy", StrategySettings.name(search));
    StrategySettings.toJson(search, json);
    json.put("attention-factor", attentionFactor.toString());
    json.put("attention-window", attentionWindow.toString());
    json.put("seed", search.seed());
    json.put("threads", threads);
    json.put("mode", mode.toString());
    json.put("deadline", limits.deadline() == null ? null : limits.deadline().toString());
    json.put("patience", limits.patience().toString());
    return json;
  }

  /**
   * @throws BadInputException if a field is missing
   */
  public static SearchSettings fromJson(JsonNode json) {
    return new SearchSettings(
        field(json, "model").asText(),
        field(json, "data").asText(),
        field(json, "target-length").asInt(),
        field(json, "documents").asInt(),
        field(json, "held-out-documents").asInt(),
        // Runs were begun before there was a choice.
        json.has("objective")
            ? Objective.of(json.get("objective").asText())
                .orElseThrow(() -> unreadable("objective", json.get("objective")))
            : Objective.PERPLEXITY,
        json.hasNonNull("max-factor") ? (Double) json.get("max-factor").asDouble() : null,
        starts(json.path("start-from")),
        StrategySettings.fromJson(json),
        AttentionFactor.parse(field(json, "attention-factor").asText()),
        AttentionWindow.parse(field(json, "attention-window").asText()),
        field(json, "threads").asInt(),
        SearchMode.of(field(json, "mode").asText())
            .orElseThrow(() -> unreadable("mode", json.get("mode"))),
        new FaultTolerance(
            field(json, "deadline").isNull() ? null : duration(json, "deadline"),
            duration(json, "patience")));
  }

  /** Runs that were begun before there was a choice have none. */
  private static List<WarmStart> starts(JsonNode json) {
    List<WarmStart> starts = new ArrayList<>();
    json.forEach(start -> starts.add(WarmStart.fromJson(start, STORED_IN)));
    return starts;
  }

  private static Duration duration(JsonNode json, String name) {
    try {
      return Duration.parse(field(json, name).asText());
    } catch (DateTimeParseException e) {
      throw unreadable(name, field(json, name));
    }
  }

  static BadInputException unreadable(String name, JsonNode value) {
    return BadInputException.of(
        "%s has %s for %s: expected the file as the search wrote it.", STORED_IN, value, name);
  }

  static JsonNode field(JsonNode json, String name) {
    JsonNode value = json.get(name);
    if (value == null) {
      throw BadInputException.of(
          "%s has no setting %s: expected the file as the search wrote it.", STORED_IN, name);
    }
    return value;
  }
}
