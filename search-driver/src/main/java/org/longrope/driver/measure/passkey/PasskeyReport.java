package org.longrope.driver.measure.passkey;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.longrope.driver.measure.passkey.PasskeyMeasurement.Score;
import org.longrope.driver.report.plot.HeatMap;
import org.longrope.eval.passkey.PasskeyGrid;
import org.longrope.eval.passkey.PasskeyResult;
import org.longrope.eval.passkey.PasskeyTrial;
import org.longrope.eval.rope.Rescaling;

/** A passkey test as people and programs read it. */
public final class PasskeyReport {
  private static final JsonMapper MAPPER = new JsonMapper();

  private PasskeyReport() {}

  /** A line for each length with a column for each depth, aligned. */
  public static String toText(PasskeyMeasurement measurement) {
    PasskeyGrid grid = measurement.grid();
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s by length and depth of the key, %d trials each.%n",
            measurement.needle() ? "Mean NLL of the key's tokens" : "Accuracy",
            grid.trials()));
    text.append(String.format(Locale.ROOT, "%12s", "length"));
    for (int d = 0; d < grid.depths(); d++) {
      text.append(String.format(Locale.ROOT, "  %5.0f%%", 100 * grid.depth(d)));
    }
    if (!measurement.needle()) {
      text.append(String.format(Locale.ROOT, "  %6s", "all"));
    }
    text.append(String.format(Locale.ROOT, "  %8s  %10s%n", "key NLL", "needle ppl"));
    for (int l = 0; l < grid.lengths().size(); l++) {
      text.append(String.format(Locale.ROOT, "%,12d", grid.lengths().get(l)));
      for (int d = 0; d < grid.depths(); d++) {
        Score score = measurement.at(l, d);
        text.append(
            measurement.needle()
                ? String.format(Locale.ROOT, "  %6.3f", score.meanKeyNll())
                : String.format(Locale.ROOT, "  %6.2f", score.accuracy()));
      }
      Score all = measurement.at(l);
      if (!measurement.needle()) {
        text.append(String.format(Locale.ROOT, "  %6.2f", all.accuracy()));
      }
      text.append(
          String.format(
              Locale.ROOT,
              "  %8.4f  %10s%n",
              all.meanKeyNll(),
              perplexity(all.needlePerplexity())));
    }
    return text.toString();
  }

  /** A model that is sure of another key makes it astronomic. */
  private static String perplexity(double value) {
    return String.format(Locale.ROOT, value < 1e6 ? "%,.2f" : "%.2e", value);
  }

  /**
   * Scores by length and depth, every trial, and what they were measured with.
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
      Rescaling held = rescaling.apply(length);
      held.factors().toList().forEach(row.putArray("rescale_factors")::add);
      row.put("start_tokens", held.startTokens());
      row.put("attention_factor", held.attentionFactor());
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

  /** A row for each length and depth; without generated answers their columns are empty. */
  public static String toCsv(PasskeyMeasurement measurement) {
    PasskeyGrid grid = measurement.grid();
    StringBuilder csv = new StringBuilder();
    csv.append("length,depth,trials,retrieved,accuracy,key_nll,key_tokens,needle_perplexity\n");
    for (int l = 0; l < grid.lengths().size(); l++) {
      for (int d = 0; d < grid.depths(); d++) {
        Score score = measurement.at(l, d);
        String found = measurement.needle() ? "," : score.retrieved() + "," + score.accuracy();
        csv.append(grid.lengths().get(l)).append(',').append(grid.depth(d)).append(',');
        csv.append(score.trials()).append(',').append(found).append(',');
        csv.append(score.keyNll()).append(',').append(score.keyTokens()).append(',');
        csv.append(score.needlePerplexity()).append('\n');
      }
    }
    return csv.toString();
  }

  /**
   * The scores in colours, length to the right and depth downwards: accuracy from 0 to 1, or the
   * mean NLL of the key's tokens where no answer was generated.
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
    String of = String.format(Locale.ROOT, "%d trials each", grid.trials());
    return measurement.needle()
        ? HeatMap.cost("Mean NLL of the pass key's tokens, " + of)
            .png("length in tokens", columns, "depth of the key", rows, values)
        : HeatMap.share("Pass key retrieved, " + of)
            .png("length in tokens", columns, "depth of the key", rows, values);
  }
}
