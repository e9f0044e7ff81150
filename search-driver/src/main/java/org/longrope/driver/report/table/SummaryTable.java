package org.longrope.driver.report.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.rope.RescaleFactors;

/**
 * The methods of a run against each other, at the target length and at the original window.
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

  /** Aligned columns, each line ended; the best perplexity at the target has a star. */
  public String toText() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(
        List.of(
            "method",
            "rescale factors",
            "start tokens",
            "attention factor",
            String.format(Locale.ROOT, "%s at %,d", measured, targetLength),
            "held out",
            String.format(Locale.ROOT, "ppl at %,d", originalWindow)));
    OptionalDouble best = best();
    for (Row row : rows) {
      boolean isBest =
          row.targetPerplexity != null
              && best.isPresent()
              && row.targetPerplexity == best.getAsDouble();
      lines.add(
          List.of(
              row.method,
              range(row.factors),
              Integer.toString(row.startTokens),
              String.format(Locale.ROOT, "%.4f", row.attentionFactor),
              (isBest ? "* " : "") + TextTable.perplexity(row.targetPerplexity),
              TextTable.perplexity(row.heldOutPerplexity),
              TextTable.perplexity(row.originalPerplexity)));
    }
    return TextTable.aligned(lines, 2);
  }

  /** The same as JSON, with all factors; what was not measured is null. */
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

  private OptionalDouble best() {
    return rows.stream()
        .map(row -> finite(row.targetPerplexity))
        .filter(p -> p != null)
        .mapToDouble(p -> p)
        .min();
  }

  /** JSON has no NaN, and neither a table nor a reader wants one. */
  private static @Nullable Double finite(@Nullable Double value) {
    return value != null && Double.isFinite(value) ? value : null;
  }

  private static String range(@Nullable RescaleFactors factors) {
    if (factors == null || factors.pairs() == 0) {
      return "-";
    }
    double low = factors.toList().stream().mapToDouble(v -> v).min().orElseThrow();
    double high = factors.toList().stream().mapToDouble(v -> v).max().orElseThrow();
    return low == high
        ? String.format(Locale.ROOT, "%.2f", low)
        : String.format(Locale.ROOT, "%.2f to %.2f", low, high);
  }
}
