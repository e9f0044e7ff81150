package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.plot.HeatMap;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;

/** Section on the passkey tests of a recipe, side by side. */
final class PasskeySection {
  private final StepFiles files;

  /**
   * Results of a step at a length.
   *
   * @param accuracy NaN where no answer was generated
   */
  private record Score(int trials, double accuracy, double needlePerplexity) {}

  /**
   * Test of a step.
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
    page.table(caption(tests), table(tests));
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
            test.byCell.keySet().stream().map(Numbers::count).toList(),
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
    List<Column> columns = new ArrayList<>(List.of(Column.count("length")));
    TreeSet<Integer> lengths = new TreeSet<>();
    tests.forEach(
        (step, test) -> {
          if (test.answered()) {
            columns.add(Column.decimals(step.name() + ": retrieved, %", 1));
          }
          columns.add(Column.perplexity(step.name() + ": needle perplexity"));
          lengths.addAll(test.byLength.keySet());
        });
    Table table = new Table(columns);
    for (int length : lengths) {
      List<@Nullable Object> row = new ArrayList<>(List.of(length));
      for (Test test : tests.values()) {
        Score score = test.byLength.get(length);
        if (test.answered()) {
          row.add(score == null ? null : 100 * score.accuracy);
        }
        row.add(score == null ? null : score.needlePerplexity);
      }
      table.add(row);
    }
    return table;
  }

  private static String caption(Map<Step, Test> tests) {
    TreeSet<Integer> trials = new TreeSet<>();
    tests.values().forEach(test -> test.byLength.values().forEach(s -> trials.add(s.trials)));
    String keys = Numbers.counted(trials.last(), "key");
    if (trials.size() > 1) {
      keys = Numbers.count(trials.first()) + " to " + keys;
    }
    String retrieved =
        tests.values().stream().anyMatch(Test::answered)
            ? "Retrieved: the share of keys that the model answers with. "
            : "";
    return retrieved
        + "Needle perplexity: 1 where the model is sure of every token of the key. Each length has "
        + keys
        + ".";
  }
}
