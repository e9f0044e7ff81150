package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Table;

/**
 * Section on the benchmarks of a recipe: percent of each model, and its difference from the first.
 */
final class BenchmarkSection {
  private final StepFiles files;

  /**
   * Result of a task.
   *
   * @param value 0 to 1
   * @param standardError of the value; NaN where one question gives none
   * @param asked what makes two results comparable: shots, seed, questions, files
   */
  private record Result(
      String metric, int shots, long items, double value, double standardError, String asked) {}

  BenchmarkSection(StepFiles files) {
    this.files = files;
  }

  void addTo(Page page) {
    Map<Step, Map<String, Result>> steps = new LinkedHashMap<>();
    Set<String> tasks = new LinkedHashSet<>();
    List<String> models = new ArrayList<>();
    for (Step step : files.recipe().done("benchmark")) {
      Map<String, Result> results =
          files.json(
              step,
              "benchmark.json",
              json -> {
                JsonNode provenance = json.required("provenance");
                models.add(
                    step.name() + ": " + files.recipe().called(JsonFile.text(provenance, "model")));
                return results(json);
              });
      steps.put(step, results);
      tasks.addAll(results.keySet());
    }
    page.table(
        "Percent, ± its standard error; differences in percent points from the first column. "
            + String.join("; ", models)
            + ".",
        table(steps, tasks));
    if (tasks.stream().anyMatch(task -> !comparable(steps, task))) {
      page.note(
          "Where no difference is shown, the steps asked other questions or gave other shots, or"
              + " one of them did not ask the task.");
    }
  }

  private static Map<String, Result> results(JsonNode json) {
    Map<String, Result> results = new LinkedHashMap<>();
    for (JsonNode one : JsonFile.list(json, "results")) {
      List<String> hashes = new ArrayList<>();
      one.path("files").forEach(file -> hashes.add(file.path("sha256").asText()));
      JsonNode error = one.path("standard_error");
      long items = (long) JsonFile.number(one, "items");
      int shots = (int) JsonFile.number(one, "shots");
      results.put(
          JsonFile.text(one, "task"),
          new Result(
              JsonFile.text(one, "metric"),
              shots,
              items,
              JsonFile.number(one, "value"),
              error.isNumber() ? error.asDouble() : Double.NaN,
              shots + " " + items + " " + one.path("limit") + one.path("seed") + hashes));
    }
    return results;
  }

  private static boolean comparable(Map<Step, Map<String, Result>> steps, String task) {
    Set<String> asked = new LinkedHashSet<>();
    for (Map<String, Result> results : steps.values()) {
      Result result = results.get(task);
      asked.add(result == null ? "" : result.asked);
    }
    return asked.size() == 1;
  }

  private static Table table(Map<Step, Map<String, Result>> steps, Set<String> tasks) {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.text("task"),
                Column.count("shots"),
                Column.text("metric"),
                Column.count("questions")));
    boolean first = true;
    for (Step step : steps.keySet()) {
      columns.add(Column.decimals(step.name(), 2));
      columns.add(Column.decimals("±", 2));
      if (!first) {
        columns.add(Column.decimals("difference", 2));
      }
      first = false;
    }
    Table table = new Table(columns);
    tasks.forEach(task -> table.add(row(steps, task)));
    if (tasks.size() > 1 && tasks.stream().allMatch(task -> comparable(steps, task))) {
      table.add(means(steps));
    }
    return table;
  }

  private static List<@Nullable Object> row(Map<Step, Map<String, Result>> steps, String task) {
    List<@Nullable Result> results = new ArrayList<>();
    steps.values().forEach(one -> results.add(one.get(task)));
    Result any = results.stream().filter(Objects::nonNull).findFirst().orElseThrow();
    List<@Nullable Object> row = new ArrayList<>(List.of(task, any.shots, any.metric, any.items));
    boolean comparable = comparable(steps, task);
    for (int i = 0; i < results.size(); i++) {
      Result result = results.get(i);
      row.add(result == null ? null : 100 * result.value);
      row.add(result == null || !(result.standardError > 0) ? null : 100 * result.standardError);
      if (i > 0) {
        // Comparable steps all have a result.
        row.add(comparable && result != null ? difference(result.value - any.value) : null);
      }
    }
    return row;
  }

  private static List<@Nullable Object> means(Map<Step, Map<String, Result>> steps) {
    List<@Nullable Object> row = new ArrayList<>(List.of("mean", "", "", ""));
    List<Double> means =
        steps.values().stream()
            .map(
                one ->
                    one.values().stream().mapToDouble(Result::value).average().orElse(Double.NaN))
            .toList();
    for (int i = 0; i < means.size(); i++) {
      row.add(100 * means.get(i));
      row.add("");
      if (i > 0) {
        row.add(difference(means.get(i) - means.get(0)));
      }
    }
    return row;
  }

  /** Formats percent points with a sign, the minus as wide as the plus. */
  private static String difference(double share) {
    return String.format(Locale.ROOT, "%+.2f", 100 * share).replace('-', '\u2212');
  }
}
