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
import org.longrope.driver.report.html.Table.Cell;
import org.longrope.driver.report.html.Table.Column;

/** The short benchmarks of a recipe: each model's percent, and what it differs from the first's. */
final class BenchmarkSection {
  private final StepFiles files;

  /**
   * One task's result.
   *
   * @param value 0 to 1
   * @param standardError of the value; NaN where one question tells none
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
    page.table(table(steps, tasks, models));
    if (tasks.stream().anyMatch(task -> !comparable(steps, task))) {
      page.note(
          "Where no difference is shown, the steps asked other questions or gave other shots, or one"
              + " of them did not ask the task.");
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

  private static Table table(
      Map<Step, Map<String, Result>> steps, Set<String> tasks, List<String> models) {
    List<Column> columns =
        new ArrayList<>(
            List.of(
                Column.text("task"),
                Column.number("shots"),
                Column.text("metric"),
                Column.number("questions")));
    boolean first = true;
    for (Step step : steps.keySet()) {
      columns.add(Column.number(step.name()));
      columns.add(Column.number("±"));
      if (!first) {
        columns.add(Column.number("difference"));
      }
      first = false;
    }
    List<List<Cell>> rows = new ArrayList<>();
    tasks.forEach(task -> rows.add(row(steps, task)));
    if (tasks.size() > 1 && tasks.stream().allMatch(task -> comparable(steps, task))) {
      rows.add(means(steps));
    }
    return new Table(
        "Percent, ± its standard error; differences in percent points from the first column. "
            + String.join("; ", models)
            + ".",
        columns,
        rows);
  }

  private static List<Cell> row(Map<Step, Map<String, Result>> steps, String task) {
    Result any =
        Objects.requireNonNull(
            steps.values().stream()
                .map(results -> results.get(task))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null));
    List<Cell> row =
        new ArrayList<>(
            Table.row(
                List.of(task, Integer.toString(any.shots), any.metric, Numbers.count(any.items))));
    boolean comparable = comparable(steps, task);
    @Nullable Result original = null;
    boolean first = true;
    for (Map<String, Result> results : steps.values()) {
      Result result = results.get(task);
      double value = result == null ? Double.NaN : result.value;
      row.add(Cell.of(percent(value)));
      row.add(Cell.of(percent(result == null ? Double.NaN : result.standardError)));
      if (first) {
        original = result;
      } else {
        row.add(Cell.of(comparable && original != null ? difference(value - original.value) : "–"));
      }
      first = false;
    }
    return row;
  }

  private static List<Cell> means(Map<Step, Map<String, Result>> steps) {
    List<Cell> row = new ArrayList<>(Table.row(List.of("mean", "", "", "")));
    double original = Double.NaN;
    boolean first = true;
    for (Map<String, Result> results : steps.values()) {
      double mean =
          results.values().stream().mapToDouble(Result::value).average().orElse(Double.NaN);
      row.add(Cell.of(percent(mean)));
      row.add(Cell.of(""));
      if (first) {
        original = mean;
      } else {
        row.add(Cell.of(difference(mean - original)));
      }
      first = false;
    }
    return row;
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.2f", 100 * share);
  }

  /** With a sign, and a minus as wide as the plus. */
  private static String difference(double share) {
    return String.format(Locale.ROOT, "%+.2f", 100 * share).replace('-', '\u2212');
  }
}
