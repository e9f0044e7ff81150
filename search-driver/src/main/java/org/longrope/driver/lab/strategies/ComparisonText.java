package org.longrope.driver.lab.strategies;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.lab.strategies.Comparison.Row;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;

/** Text of a comparison: a table for each problem. */
final class ComparisonText {
  private static final List<Column> COLUMNS =
      List.of(
          Column.text("strategy"),
          Column.count("seeds"),
          Column.decimals("tokens", 3),
          Column.decimals("interval", 3),
          Column.decimals("held out", 3),
          Column.decimals("interval", 3),
          Column.decimals("covers", 0),
          Column.decimals("reference", 3),
          Column.count("below it"));

  private ComparisonText() {}

  /**
   * Returns the text of a comparison.
   *
   * @param problemRuns in the order of the tables; those without a row are left out
   * @param reference the strategy
   */
  static String of(Comparison comparison, List<ProblemRuns> problemRuns, String reference) {
    StringBuilder text =
        new StringBuilder(
            "tokens: read until as good on held-out documents as "
                + reference
                + " in the end, of what "
                + reference
                + " read in all with the same\n"
                + "seed, or, where it did not run with that, in the run that ended lowest. Medians"
                + " over seeds; each interval covers\n"
                + "the median with the probability beside it.\n");
    for (ProblemRuns problemRun : problemRuns) {
      String problem = problemRun.prepared().problem().name();
      List<Row> rows =
          comparison.rows().stream().filter(row -> row.problem().equals(problem)).toList();
      if (!rows.isEmpty()) {
        text.append('\n').append(heading(problemRun)).append('\n').append(table(rows));
      }
    }
    return text.toString();
  }

  private static String heading(ProblemRuns problemRun) {
    StringBuilder heading = new StringBuilder();
    heading.append(
        String.format(
            Locale.ROOT,
            "%s: %,d tokens, %s held out",
            problemRun.prepared().problem().name(),
            problemRun.prepared().problem().targetLength(),
            Numbers.counted(problemRun.prepared().heldOut().size(), "document")));
    for (Map.Entry<String, Double> method : problemRun.methods().entrySet()) {
      heading.append(", ").append(method.getKey()).append(' ').append(value(method.getValue()));
    }
    return heading.toString();
  }

  private static String table(List<Row> rows) {
    Table table = new Table(COLUMNS);
    rows.forEach(row -> table.add(line(row)));
    return table.toText();
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
