package org.longrope.driver.measure.perplexity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.longrope.driver.report.plot.LengthPlot;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Table;
import org.longrope.eval.rope.RopeMethod;

/** Text, CSV, JSON and plot of perplexity measurements. */
public final class PerplexityReport {
  private PerplexityReport() {}

  /** Returns a line for each method and length, aligned. */
  public static String toText(List<PerplexityMeasurement> results) {
    boolean several = results.stream().map(PerplexityMeasurement::method).distinct().count() > 1;
    List<Column> columns = new ArrayList<>(several ? List.of(Column.text("")) : List.of());
    boolean byPosition = results.stream().anyMatch(result -> result.from() != null);
    if (byPosition) {
      columns.add(Column.count("from").withWidth(12));
    }
    columns.add(Column.count(byPosition ? "to" : "length").withWidth(12));
    columns.add(Column.decimals("perplexity", 4).withWidth(14));
    columns.add(Column.decimals("mean NLL", 6).withWidth(12));
    columns.add(Column.count("tokens").withWidth(12));
    Table table = new Table(columns);
    for (PerplexityMeasurement result : results) {
      List<Object> row = new ArrayList<>(several ? List.of(result.method()) : List.of());
      if (byPosition) {
        row.add(result.from());
      }
      row.add(result.protocol().length());
      row.add(result.perplexity());
      row.add(result.nll() / result.tokens());
      row.add(result.tokens());
      table.add(row);
    }
    return table.toText();
  }

  /** Returns a row for each method and length. */
  public static String toCsv(List<PerplexityMeasurement> results) {
    Table table =
        new Table(
            Stream.of("method", "length", "perplexity", "nll", "tokens")
                .map(Column::text)
                .toList());
    for (PerplexityMeasurement result : results) {
      table.add(
          result.method().replace(',', ';'),
          result.protocol().length(),
          result.perplexity(),
          result.nll(),
          result.tokens());
    }
    return table.toCsv();
  }

  /**
   * Draws perplexity over length, a line for each method.
   *
   * @param results of two lengths or more
   * @return a PNG
   */
  public static byte[] toPng(List<PerplexityMeasurement> results) {
    Map<String, Map<Integer, Double>> lines = new LinkedHashMap<>();
    for (PerplexityMeasurement result : results) {
      lines
          .computeIfAbsent(result.method(), method -> new LinkedHashMap<>())
          .put(result.protocol().length(), result.perplexity());
    }
    return LengthPlot.png(
        lines.entrySet().stream()
            .map(
                line ->
                    new LengthPlot.Line(line.getKey(), baseline(line.getKey()), line.getValue()))
            .toList());
  }

  private static String baseline(String method) {
    for (RopeMethod closed : RopeMethod.values()) {
      if (closed.toString().equals(method)) {
        return method;
      }
    }
    return "";
  }

  /** Returns results with every document, and what they were measured with. */
  public static String toJson(List<PerplexityMeasurement> results, ObjectNode provenance) {
    JsonMapper mapper = new JsonMapper();
    ObjectNode root = mapper.createObjectNode();
    results.forEach(result -> root.withArray("results").add(result.toJson()));
    root.set("provenance", provenance);
    try {
      return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A tree of plain values is always JSON", e);
    }
  }
}
