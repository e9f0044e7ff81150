package org.longrope.driver.measure.benchmark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Results as people and programs read them. */
public final class BenchmarkReport {
  private static final JsonMapper MAPPER = new JsonMapper();

  private BenchmarkReport() {}

  /** A line for each task, in percent. */
  public static String toText(List<BenchmarkResult> results) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format("%-15s %6s  %-9s %14s  %7s%n", "task", "shots", "metric", "%", "items"));
    for (BenchmarkResult result : results) {
      TaskPlan plan = result.task().plan();
      Estimate estimate = result.estimate();
      Double error = estimate.standardError();
      text.append(
          String.format(
              Locale.ROOT,
              "%-15s %6d  %-9s %6.2f ± %5s  %,7d%s%n",
              plan.benchmark(),
              plan.shots(),
              plan.benchmark().metric(),
              100 * estimate.value(),
              error == null ? "?" : String.format(Locale.ROOT, "%.2f", 100 * error),
              estimate.items(),
              remark(result)));
    }
    return text.toString();
  }

  /** What is other than the benchmark's definition. */
  private static String remark(BenchmarkResult result) {
    StringBuilder remark = new StringBuilder();
    PreparedTask task = result.task();
    int subjects = result.bySubject().size();
    if (task.plan().benchmark() == Benchmark.MMLU && subjects != MmluFiles.SUBJECTS) {
      remark.append(String.format("  %d of %d subjects", subjects, MmluFiles.SUBJECTS));
    }
    if (task.heldOut()) {
      remark.append(
          String.format(
              Locale.ROOT, "  shots from %,d questions that are not asked", task.examples()));
    }
    return remark.toString();
  }

  /** Results, and what they were measured with. */
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

  /** One JSON object a line for each question of each task. */
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
