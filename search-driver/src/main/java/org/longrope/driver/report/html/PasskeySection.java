package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.html.Table.Cell;
import org.longrope.driver.report.html.Table.Column;
import org.longrope.driver.report.plot.HeatMap;

/** The pass key tests of a recipe, side by side. */
final class PasskeySection {
  private final StepFiles files;

  /**
   * A step's results at a length.
   *
   * @param accuracy NaN where no answer was generated
   */
  private record Score(int trials, double accuracy, double needlePerplexity) {}

  /**
   * A step's test.
   *
   * @param byCell by length, and there by depth from 0 to 1: accuracy, or mean NLL of the key's
   *     tokens where no answer was generated
   */
  private record Test(
      String model, Map<Integer, Score> byLength, Map<Integer, Map<Double, Double>> byCell) {
    boolean answered() {
      return byLength.values().stream().anyMatch(score -> !Double.isNaN(score.accuracy));
    }
  }

  PasskeySection(StepFiles files) {
    this.files = files;
  }

  void addTo(Page page) {
    Map<Step, Test> tests = new LinkedHashMap<>();
    List<Page.Figure> figures = new ArrayList<>();
    for (Step step : files.recipe().done("passkey")) {
      Test test = files.json(step, "passkey.json", this::test);
      files.bytes(step, "passkey.csv");
      tests.put(step, test);
      files.bytes(step, "passkey.png");
      figures.add(
          new Page.Figure(
              png(step, test),
              "Pass key by length and depth, " + step.name(),
              String.format(
                  Locale.ROOT,
                  "%s: %s of %s by length and depth of the key.",
                  step.name(),
                  test.answered() ? "share of keys retrieved" : "mean NLL of the keys' tokens",
                  test.model)));
    }
    page.sideBySide(figures);
    page.table(table(tests));
  }

  private static byte[] png(Step step, Test test) {
    TreeSet<Double> depths = new TreeSet<>();
    test.byCell.values().forEach(cells -> depths.addAll(cells.keySet()));
    List<String> rows = new ArrayList<>();
    double[][] values = new double[depths.size()][test.byCell.size()];
    for (double depth : depths) {
      int column = 0;
      for (Map<Double, Double> cells : test.byCell.values()) {
        values[rows.size()][column++] = cells.getOrDefault(depth, Double.NaN);
      }
      rows.add(String.format(Locale.ROOT, "%.0f %%", 100 * depth));
    }
    HeatMap map = test.answered() ? HeatMap.share(step.name()) : HeatMap.cost(step.name());
    return map.half()
        .png(
            "length in tokens",
            test.byCell.keySet().stream().map(length -> Numbers.count(length)).toList(),
            "depth of the key",
            rows,
            values);
  }

  private Test test(JsonNode json) {
    Map<Integer, Score> byLength = new TreeMap<>();
    Map<Integer, Map<Double, Double>> byCell = new TreeMap<>();
    for (JsonNode row : JsonFile.list(json, "results")) {
      int length = (int) JsonFile.number(row, "length");
      Map<Double, Double> cells = byCell.computeIfAbsent(length, any -> new TreeMap<>());
      for (JsonNode cell : JsonFile.list(row, "depths")) {
        cells.put(
            JsonFile.number(cell, "depth"),
            cell.has("accuracy")
                ? JsonFile.number(cell, "accuracy")
                : Math.log(JsonFile.number(cell, "needle_perplexity")));
      }
      byLength.put(
          length,
          new Score(
              (int) JsonFile.number(row, "trials"),
              row.has("accuracy") ? JsonFile.number(row, "accuracy") : Double.NaN,
              JsonFile.number(row, "needle_perplexity")));
    }
    return new Test(
        files.recipe().called(JsonFile.text(json.required("provenance"), "model")),
        byLength,
        byCell);
  }

  private static Table table(Map<Step, Test> tests) {
    List<Column> columns = new ArrayList<>(List.of(Column.number("length")));
    TreeSet<Integer> lengths = new TreeSet<>();
    TreeSet<Integer> trials = new TreeSet<>();
    tests.forEach(
        (step, test) -> {
          if (test.answered()) {
            columns.add(Column.number(step.name() + ": retrieved, %"));
          }
          columns.add(Column.number(step.name() + ": needle perplexity"));
          lengths.addAll(test.byLength.keySet());
          test.byLength.values().forEach(score -> trials.add(score.trials));
        });
    List<List<Cell>> rows = new ArrayList<>();
    for (int length : lengths) {
      List<Cell> row = new ArrayList<>(List.of(Cell.of(Numbers.count(length))));
      for (Test test : tests.values()) {
        Score score = test.byLength.get(length);
        if (test.answered()) {
          row.add(
              Cell.of(
                  score == null ? "–" : String.format(Locale.ROOT, "%.1f", 100 * score.accuracy)));
        }
        row.add(Cell.of(Numbers.perplexity(score == null ? Double.NaN : score.needlePerplexity)));
      }
      rows.add(row);
    }
    String each =
        trials.size() == 1
            ? Numbers.count(trials.first())
            : Numbers.count(trials.first()) + " to " + Numbers.count(trials.last());
    return new Table(
        "Retrieved: the part of "
            + each
            + " keys at each length that the model answers with. Needle perplexity: 1 where it is"
            + " sure of every token of the key.",
        columns,
        rows);
  }
}
