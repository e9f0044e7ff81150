package org.longrope.driver.measure.perplexity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.longrope.driver.report.plot.LengthPlot;
import org.longrope.eval.rope.RopeMethod;

/** Measurements as people and programs read them. */
public final class PerplexityReport {
  private PerplexityReport() {}

  /** A line for each method and length, aligned. */
  public static String toText(List<PerplexityMeasurement> results) {
    long methods = results.stream().map(PerplexityMeasurement::method).distinct().count();
    int width = results.stream().mapToInt(result -> result.method().length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    text.append(methods > 1 ? " ".repeat(width) + "  " : "");
    text.append(
        String.format(
            Locale.ROOT, "%12s  %14s  %12s  %12s%n", "length", "perplexity", "mean NLL", "tokens"));
    for (PerplexityMeasurement result : results) {
      String method = result.method();
      text.append(methods > 1 ? method + " ".repeat(width - method.length()) + "  " : "");
      text.append(
          String.format(
              Locale.ROOT,
              "%,12d  %,14.4f  %12.6f  %,12d%n",
              result.protocol().length(),
              result.perplexity(),
              result.nll() / result.tokens(),
              result.tokens()));
    }
    return text.toString();
  }

  /** A row for each method and length. */
  public static String toCsv(List<PerplexityMeasurement> results) {
    StringBuilder csv = new StringBuilder("method,length,perplexity,nll,tokens\n");
    for (PerplexityMeasurement result : results) {
      csv.append(result.method().replace(',', ';'))
          .append(',')
          .append(result.protocol().length())
          .append(',')
          .append(result.perplexity())
          .append(',')
          .append(result.nll())
          .append(',')
          .append(result.tokens())
          .append('\n');
    }
    return csv.toString();
  }

  /**
   * Perplexity over length, a line for each method.
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

  /** Results with every document, and what they were measured with. */
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
