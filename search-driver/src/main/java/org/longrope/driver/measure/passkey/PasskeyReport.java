package org.longrope.driver.measure.passkey;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.longrope.driver.factors.RescalingJson;
import org.longrope.driver.measure.passkey.PasskeyMeasurement.Score;
import org.longrope.driver.report.plot.HeatMap;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.rope.Rescaling;

/** Text, CSV, JSON and plot of a passkey test. */
public final class PasskeyReport {
  private static final JsonMapper MAPPER = new JsonMapper();

  private PasskeyReport() {}

  /** Returns a line for each length with a column for each depth, aligned. */
  public static String toText(PasskeyMeasurement measurement) {
    PasskeyGrid grid = measurement.grid();
    boolean needle = measurement.needle();
    List<Column> columns = new ArrayList<>(List.of(Column.count("length").withWidth(12)));
    for (int d = 0; d < grid.depths(); d++) {
      String depth = String.format(Locale.ROOT, "%.0f%%", 100 * grid.depth(d));
      columns.add(Column.decimals(depth, needle ? 3 : 2).withWidth(6));
    }
    if (!needle) {
      columns.add(Column.decimals("all", 2).withWidth(6));
    }
    columns.add(Column.decimals("key NLL", 4).withWidth(8));
    columns.add(Column.decimals("needle ppl", 2).withWidth(10));
    Table table = new Table(columns);
    for (int l = 0; l < grid.lengths().size(); l++) {
      List<Object> row = new ArrayList<>(List.of(grid.lengths().get(l)));
      for (int d = 0; d < grid.depths(); d++) {
        Score score = measurement.at(l, d);
        row.add(needle ? score.meanKeyNll() : score.accuracy());
      }
      Score all = measurement.at(l);
      if (!needle) {
        row.add(all.accuracy());
      }
      row.add(all.meanKeyNll());
      row.add(perplexity(all.needlePerplexity()));
      table.add(row);
    }
    return String.format(
        "%s by length and depth of the key, %s each.%n%s",
        needle ? "Mean NLL of the key's tokens" : "Accuracy",
        Numbers.counted(grid.trials(), "trial"),
        table.toText());
  }

  /** Formats a perplexity, which is astronomic where a model is sure of another key. */
  private static String perplexity(double value) {
    return String.format(Locale.ROOT, value < 1e6 ? "%,.2f" : "%.2e", value);
  }

  /**
   * Returns scores by length and depth, every trial, and what they were measured with.
   *
   * @param rescaling under which the key was read at a length
   */
  public static String toJson(
      PasskeyMeasurement measurement,
      Function<Integer, Rescaling> rescaling,
      ObjectNode provenance) {
    PasskeyGrid grid = measurement.grid();
    ObjectNode root = MAPPER.createObjectNode();
    for (int l = 0; l < grid.lengths().size(); l++) {
      int length = grid.lengths().get(l);
      ObjectNode row = root.withArray("results").addObject().put("length", length);
      put(row, measurement.at(l), measurement.needle());
      for (int d = 0; d < grid.depths(); d++) {
        ObjectNode cell = row.withArray("depths").addObject().put("depth", grid.depth(d));
        put(cell, measurement.at(l, d), measurement.needle());
      }
      RescalingJson.put(row, rescaling.apply(length));
    }
    for (PasskeyResult result : measurement.results()) {
      PasskeyTrial trial = result.trial();
      ObjectNode json = root.withArray("trials").addObject();
      json.put("length", trial.length()).put("depth", trial.depth());
      json.put("key", trial.key()).put("seed", trial.seed());
      if (!measurement.needle()) {
        json.put("answer", result.answer()).put("retrieved", result.retrieved());
      }
      json.put("key_nll", result.keyNll()).put("key_tokens", result.keyTokens());
    }
    root.set("provenance", provenance);
    try {
      return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of plain values is always JSON", e);
    }
  }

  private static void put(ObjectNode json, Score score, boolean needle) {
    json.put("trials", score.trials());
    if (!needle) {
      json.put("retrieved", score.retrieved()).put("accuracy", score.accuracy());
    }
    json.put("key_nll", score.keyNll()).put("key_tokens", score.keyTokens());
    json.put("needle_perplexity", score.needlePerplexity());
  }

  /**
   * Returns a row for each length and depth; columns of answers are empty if none were generated.
   */
  public static String toCsv(PasskeyMeasurement measurement) {
    PasskeyGrid grid = measurement.grid();
    boolean needle = measurement.needle();
    Table table =
        new Table(
            Stream.of(
                    "length",
                    "depth",
                    "trials",
                    "retrieved",
                    "accuracy",
                    "key_nll",
                    "key_tokens",
                    "needle_perplexity")
                .map(Column::text)
                .toList());
    for (int l = 0; l < grid.lengths().size(); l++) {
      for (int d = 0; d < grid.depths(); d++) {
        Score score = measurement.at(l, d);
        table.add(
            grid.lengths().get(l),
            grid.depth(d),
            score.trials(),
            needle ? null : score.retrieved(),
            needle ? null : score.accuracy(),
            score.keyNll(),
            score.keyTokens(),
            score.needlePerplexity());
      }
    }
    return table.toCsv();
  }

  /**
   * Draws the scores in colours, length to the right and depth downwards: accuracy from 0 to 1, or
   * the mean NLL of the key's tokens where no answer was generated.
   *
   * @return a PNG
   */
  public static byte[] toPng(PasskeyMeasurement measurement) {
    PasskeyGrid grid = measurement.grid();
    List<String> columns =
        grid.lengths().stream().map(l -> String.format(Locale.ROOT, "%,d", l)).toList();
    List<String> rows = new ArrayList<>();
    double[][] values = new double[grid.depths()][columns.size()];
    for (int d = 0; d < grid.depths(); d++) {
      rows.add(String.format(Locale.ROOT, "%.0f %%", 100 * grid.depth(d)));
      for (int l = 0; l < columns.size(); l++) {
        Score score = measurement.at(l, d);
        values[d][l] = measurement.needle() ? score.meanKeyNll() : score.accuracy();
      }
    }
    String of = Numbers.counted(grid.trials(), "trial") + " each";
    return measurement.needle()
        ? HeatMap.cost("Mean NLL of the pass key's tokens, " + of)
            .png("length in tokens", columns, "depth of the key", rows, values)
        : HeatMap.share("Pass key retrieved, " + of)
            .png("length in tokens", columns, "depth of the key", rows, values);
  }
}
