package org.longrope.driver.measure.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Table;

/** Text and JSON of benchmark results. */
public final class BenchmarkReport {
  private static final JsonMapper MAPPER = new JsonMapper();

  private BenchmarkReport() {}

  /** Returns a line for each task, in percent. */
  public static String toText(List<BenchmarkResult> results) {
    Table table =
        new Table(
            Column.text("task").withWidth(15),
            Column.count("shots"),
            Column.text("metric").withWidth(9),
            Column.decimals("%", 2).withWidth(13),
            Column.count("items").withWidth(7),
            Column.text(""));
    for (BenchmarkResult result : results) {
      TaskPlan plan = result.task().plan();
      Estimate estimate = result.estimate();
      table.add(
          plan.benchmark().toString(),
          plan.shots(),
          plan.benchmark().metric().toString(),
          percent(estimate),
          estimate.items(),
          remark(result));
    }
    return table.toText();
  }

  /** Formats a value and its standard error, or blanks for an error that is no estimate. */
  private static String percent(Estimate estimate) {
    Double error = estimate.standardError();
    String value = String.format(Locale.ROOT, "%.2f", 100 * estimate.value());
    return error != null && error > 0
        ? String.format(Locale.ROOT, "%s ± %5.2f", value, 100 * error)
        : value + " ".repeat(8);
  }

  /** Describes what differs from the definition of the benchmark. */
  private static String remark(BenchmarkResult result) {
    StringBuilder remark = new StringBuilder();
    PreparedTask task = result.task();
    int subjects = result.bySubject().size();
    if (task.plan().benchmark() == Benchmark.MMLU && subjects != MmluFiles.SUBJECTS) {
      remark.append(String.format("%d of %d subjects  ", subjects, MmluFiles.SUBJECTS));
    }
    if (task.heldOut()) {
      remark.append(
          String.format(
              Locale.ROOT, "shots from %,d questions that are not asked", task.examples()));
    }
    return remark.toString();
  }

  /** Returns the results, and what they were measured with. */
  public static String toJson(List<BenchmarkResult> results, ObjectNode provenance) {
    ObjectNode root = MAPPER.createObjectNode();
    ArrayNode tasks = root.putArray("results");
    results.forEach(result -> tasks.add(toJson(result)));
    root.set("provenance", provenance);
    return root.toPrettyString() + "\n";
  }

  private static ObjectNode toJson(BenchmarkResult result) {
    PreparedTask task = result.task();
    TaskPlan plan = task.plan();
    ObjectNode json = MAPPER.createObjectNode();
    json.put("task", plan.benchmark().toString());
    json.put("metric", plan.benchmark().metric().toString());
    put(json, result.estimate());
    json.put("shots", plan.shots());
    if (plan.shots() > 0) {
      json.put("shots_from", task.heldOut() ? "questions that are not asked" : "examples");
      json.put("examples", task.examples());
    }
    json.put("limit", plan.limit());
    json.put("seed", plan.seed());
    if (plan.benchmark() == Benchmark.MMLU) {
      put(json.putObject("item_weighted"), result.itemWeighted());
      ObjectNode subjects = json.putObject("subjects");
      for (Map.Entry<String, Estimate> subject : result.bySubject().entrySet()) {
        put(subjects.putObject(subject.getKey()), subject.getValue());
      }
    }
    ArrayNode files = json.putArray("files");
    task.files()
        .forEach(
            file -> files.addObject().put("file", file.toString()).put("sha256", file.sha256()));
    return json;
  }

  private static void put(ObjectNode json, Estimate estimate) {
    json.put("value", estimate.value());
    json.put("standard_error", estimate.standardError());
    json.put("items", estimate.items());
  }

  /** Returns a line of JSON for each question of each task. */
  public static String itemLines(List<BenchmarkResult> results) {
    StringBuilder lines = new StringBuilder();
    for (BenchmarkResult result : results) {
      for (BenchmarkResult.Answer answer : result.answers()) {
        ObjectNode json = MAPPER.createObjectNode();
        json.put("task", result.task().plan().benchmark().toString());
        json.put("subject", answer.subject());
        json.put("id", answer.item().id());
        ArrayNode logLikelihoods = json.putArray("log_likelihoods");
        for (double logLikelihood : answer.logLikelihoods()) {
          logLikelihoods.add(logLikelihood);
        }
        json.put("chosen", answer.chosen());
        answer.item().right().forEach(json.putArray("right")::add);
        json.put("value", answer.value());
        lines.append(line(json)).append('\n');
      }
    }
    return lines.toString();
  }

  private static String line(ObjectNode json) {
    try {
      return MAPPER.writeValueAsString(json);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of plain values is always JSON", e);
    }
  }
}
