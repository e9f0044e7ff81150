package org.longrope.driver.report.table;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How tables for a terminal look. */
final class TextTable {
  private TextTable() {}

  /** Three decimals, fewer where the number is so large that they would only widen the column. */
  static String perplexity(@Nullable Double value) {
    if (value == null || !Double.isFinite(value)) {
      return "-";
    }
    return String.format(
        Locale.ROOT, value < 1_000 ? "%,.3f" : value < 1e7 ? "%,.1f" : "%.3e", value);
  }

  /**
   * Columns of equal width, each line ended.
   *
   * @param lines the head first
   * @param names so many columns from the left hold words, the others numbers
   */
  static String aligned(List<List<String>> lines, int names) {
    int columns = lines.get(0).size();
    int[] width = new int[columns];
    for (List<String> line : lines) {
      for (int c = 0; c < columns; c++) {
        width[c] = Math.max(width[c], line.get(c).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        // Names to the left, numbers to the right.
        String padding = " ".repeat(width[c] - line.get(c).length());
        row.append(c == 0 ? "" : "  ");
        row.append(c < names ? line.get(c) + padding : padding + line.get(c));
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
