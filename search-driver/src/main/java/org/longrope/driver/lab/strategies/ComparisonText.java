package org.longrope.driver.lab.strategies;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.lab.strategies.Comparison.Row;

/** The comparison as people read it: a table for each problem. */
final class ComparisonText {
  private static final List<String> HEAD =
      List.of(
          "strategy",
          "seeds",
          "tokens",
          "interval",
          "held out",
          "interval",
          "covers",
          "reference",
          "below it");

  private ComparisonText() {}

  /**
   * @param contests in the order of the tables; those without a row are left out
   * @param reference the strategy
   */
  static String of(Comparison comparison, List<ProblemRuns> contests, String reference) {
    StringBuilder text =
        new StringBuilder(
            "tokens: read until as good on held-out documents as "
                + reference
                + " in the end, of what "
                + reference
                + " read in all with the same\nseed, or, where it did not run with that, in the run"
                + " that ended lowest. Medians over seeds; each interval covers\nthe median with the"
                + " probability beside it.\n");
    for (ProblemRuns contest : contests) {
      String problem = contest.ground().problem().name();
      List<Row> rows =
          comparison.rows().stream().filter(row -> row.problem().equals(problem)).toList();
      if (!rows.isEmpty()) {
        text.append('\n').append(heading(contest)).append('\n').append(table(rows));
      }
    }
    return text.toString();
  }

  private static String heading(ProblemRuns contest) {
    StringBuilder heading = new StringBuilder();
    heading.append(
        String.format(
            Locale.ROOT,
            "%s: %,d tokens, %d documents held out",
            contest.ground().problem().name(),
            contest.ground().problem().targetLength(),
            contest.ground().heldOut().size()));
    for (Map.Entry<String, Double> method : contest.methods().entrySet()) {
      heading.append(", ").append(method.getKey()).append(' ').append(value(method.getValue()));
    }
    return heading.toString();
  }

  private static String table(List<Row> rows) {
    List<List<String>> lines = new ArrayList<>();
    lines.add(HEAD);
    rows.forEach(row -> lines.add(line(row)));
    int[] width = new int[HEAD.size()];
    for (List<String> line : lines) {
      for (int c = 0; c < width.length; c++) {
        width[c] = Math.max(width[c], line.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int c = 0; c < width.length; c++) {
        String padding = " ".repeat(width[c] - line.get(c).length());
        row.append(c == 0 ? line.get(c) + padding : "  " + padding + line.get(c));
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private static List<String> line(Row row) {
    MedianInterval ratio = row.tokensRatio();
    MedianInterval end = row.finalPerplexity();
    return List.of(
        row.strategy(),
        Integer.toString(row.seeds()),
        ratio == null ? "-" : value(ratio.median()),
        ratio == null ? "-" : interval(ratio),
        value(end.median()),
        interval(end),
        String.format(Locale.ROOT, "%.0f %%", 100 * end.coverage()),
        value(row.referencePerplexity()),
        row.references() == 0 ? "-" : row.below() + " of " + row.seeds());
  }

  private static String interval(MedianInterval interval) {
    return value(interval.low()) + " to " + value(interval.high());
  }

  private static String value(@Nullable Double value) {
    if (value == null) {
      return "-";
    }
    return Double.isInfinite(value) ? "never" : String.format(Locale.ROOT, "%.3f", value);
  }
}
