package org.longrope.driver.run.results;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Table;
import org.longrope.eval.rope.RescaleFactors;

/**
 * Methods of a run compared with each other, at the target length and at the original window.
 *
 * @param targetLength tokens
 * @param originalWindow tokens
 * @param measured what the columns at the target hold, such as ppl; at the window it is always ppl
 * @param rows in the order to show
 */
public record SummaryTable(int targetLength, int originalWindow, String measured, List<Row> rows) {

  /**
   * One method.
   *
   * @param method none, pi, ntk, yarn, found, …
   * @param factors its λ; null where they change with the text's length
   * @param startTokens n̂
   * @param attentionFactor a
   * @param targetPerplexity at the target length, on the documents of the search; null if not
   *     measured
   * @param heldOutPerplexity at the target length, on documents that were not searched on; null if
   *     not measured
   * @param originalPerplexity at the original window; null if not measured
   */
  public record Row(
      String method,
      @Nullable RescaleFactors factors,
      int startTokens,
      double attentionFactor,
      @Nullable Double targetPerplexity,
      @Nullable Double heldOutPerplexity,
      @Nullable Double originalPerplexity) {}

  public SummaryTable {
    rows = List.copyOf(rows);
  }

  /**
   * Returns the table for people. The lowest perplexity at the target has a star, and the lowest of
   * each column is bold in HTML.
   */
  public Table toTable() {
    Table table =
        new Table(
            Column.text("method"),
            Column.text("rescale factors"),
            Column.count("start tokens"),
            Column.decimals("attention factor", 4),
            Column.perplexity(String.format(Locale.ROOT, "%s at %,d", measured, targetLength))
                .withBest(),
            Column.perplexity("held out").withBestInHtml(),
            Column.perplexity(String.format(Locale.ROOT, "ppl at %,d", originalWindow))
                .withBestInHtml());
    for (Row row : rows) {
      table.add(
          row.method,
          range(row.factors),
          row.startTokens,
          row.attentionFactor,
          row.targetPerplexity,
          row.heldOutPerplexity,
          row.originalPerplexity);
    }
    return table;
  }

  /** Returns all values and all factors; what was not measured is null. */
  public ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("target_length", targetLength);
    json.put("original_window", originalWindow);
    json.put("measured", measured);
    var list = json.putArray("methods");
    for (Row row : rows) {
      ObjectNode item = list.addObject().put("method", row.method);
      if (row.factors == null) {
        item.putNull("rescale_factors");
      } else {
        row.factors.toList().forEach(item.putArray("rescale_factors")::add);
      }
      item.put("start_tokens", row.startTokens);
      item.put("attention_factor", row.attentionFactor);
      item.put("target_perplexity", finite(row.targetPerplexity));
      item.put("held_out_perplexity", finite(row.heldOutPerplexity));
      item.put("original_perplexity", finite(row.originalPerplexity));
    }
    return json;
  }

  /**
   * Reads what {@link #toJson} wrote.
   *
   * @throws IllegalArgumentException if a field is missing or of the wrong kind
   */
  public static SummaryTable fromJson(JsonNode json) {
    List<Row> rows = new ArrayList<>();
    for (JsonNode item : json.required("methods")) {
      List<Double> factors = new ArrayList<>();
      item.required("rescale_factors").forEach(factor -> factors.add(factor.asDouble()));
      rows.add(
          new Row(
              item.required("method").asText(),
              item.get("rescale_factors").isNull() ? null : RescaleFactors.of(factors),
              item.required("start_tokens").asInt(),
              item.required("attention_factor").asDouble(),
              perplexity(item, "target_perplexity"),
              perplexity(item, "held_out_perplexity"),
              perplexity(item, "original_perplexity")));
    }
    return new SummaryTable(
        json.required("target_length").asInt(),
        json.required("original_window").asInt(),
        json.path("measured").asText("ppl"),
        rows);
  }

  private static @Nullable Double perplexity(JsonNode item, String field) {
    JsonNode value = item.required(field);
    return value.isNumber() ? value.asDouble() : null;
  }

  /** Returns null for NaN and infinities, which JSON has not. */
  private static @Nullable Double finite(@Nullable Double value) {
    return value != null && Double.isFinite(value) ? value : null;
  }

  private static @Nullable String range(@Nullable RescaleFactors factors) {
    if (factors == null || factors.pairs() == 0) {
      return null;
    }
    double low = Arrays.stream(factors.toArray()).min().orElseThrow();
    double high = Arrays.stream(factors.toArray()).max().orElseThrow();
    return low == high
        ? String.format(Locale.ROOT, "%.2f", low)
        : String.format(Locale.ROOT, "%.2f to %.2f", low, high);
  }
}
