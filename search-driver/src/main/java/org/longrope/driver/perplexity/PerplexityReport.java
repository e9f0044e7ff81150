package org.longrope.driver.perplexity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** Measurements as people and programs read them. */
public final class PerplexityReport {
  private PerplexityReport() {}

  /** A line for each length, aligned. */
  public static String toText(List<PerplexityMeasurement> results) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT, "%12s  %14s  %12s  %12s%n", "length", "perplexity", "mean NLL", "tokens"));
    for (PerplexityMeasurement result : results) {
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
