package org.longrope.driver.report.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Table of values that is shown as text in a terminal, as HTML on a page and as CSV for a program.
 *
 * <pre>{@code
 * Table table = new Table(Column.text("method"), Column.perplexity("held out").withBest());
 * table.add("yarn", 6.9);
 * System.out.print(table.toText());
 * }</pre>
 *
 * <p>A cell holds a number, a string that is shown as it is, or null for a missing value. Text and
 * HTML show numbers in the format of their column, and a dash for what is missing or not finite;
 * CSV has all digits and an empty field.
 */
public final class Table {
  /** Space that is as wide as a digit, in figures of one width. */
  private static final String DIGIT_SPACE = "\u2007";

  private static final String POINT_SPACE = "\u2008";

  private static final Pattern PLAIN = Pattern.compile("[-+\u2212]?[\\d,]+(\\.\\d+)?");

  private final List<Column> columns;
  private final List<List<@Nullable Object>> rows = new ArrayList<>();

  public Table(Column... columns) {
    this(Arrays.asList(columns));
  }

  public Table(List<Column> columns) {
    this.columns = List.copyOf(columns);
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it has not a value for each column
   */
  public Table add(@Nullable Object... values) {
    return add(Arrays.asList(values));
  }

  /**
   * Adds a row.
   *
   * @throws IllegalArgumentException if it has not a value for each column
   */
  public Table add(List<? extends @Nullable Object> values) {
    if (values.size() != columns.size()) {
      throw new IllegalArgumentException(
          "Cannot add a row of " + values.size() + " cells: expected " + columns.size());
    }
    rows.add(new ArrayList<>(values));
    return this;
  }

  /** Returns lines of aligned columns, the head first, each line ended. */
  public String toText() {
    int[] widths = leastWidths();
    for (int c = 0; c < widths.length; c++) {
      for (List<@Nullable Object> row : rows) {
        widths[c] = Math.max(widths[c], textCell(row, c).length());
      }
    }
    StringBuilder text = new StringBuilder(line(widths, c -> columns.get(c).name()));
    rows.forEach(row -> text.append(line(widths, c -> textCell(row, c))));
    return text.toString();
  }

  /** Returns the head of a table that is printed row by row, its columns in their least width. */
  public String head() {
    return line(leastWidths(), c -> columns.get(c).name());
  }

  /** Returns a row below {@link #head}; it is not added. */
  public String row(@Nullable Object... values) {
    List<@Nullable Object> row = Arrays.asList(values);
    return line(leastWidths(), c -> textCell(row, c));
  }

  private int[] leastWidths() {
    return columns.stream()
        .mapToInt(column -> Math.max(column.width(), column.name().length()))
        .toArray();
  }

  private String textCell(List<@Nullable Object> row, int column) {
    String shown = shown(row, column);
    String text = shown.equals(Numbers.NONE) ? "-" : shown;
    boolean star = columns.get(column).best() == Column.Best.EVERYWHERE && isLeast(row, column);
    return star ? "* " + text : text;
  }

  private String line(int[] widths, IntFunction<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String cell = cells.apply(c);
      String padding = " ".repeat(Math.max(0, widths[c] - cell.length()));
      line.append(c == 0 ? "" : "  ");
      line.append(columns.get(c).type().isNumber() ? padding + cell : cell + padding);
    }
    return line.toString().stripTrailing() + "\n";
  }

  /** Returns a table element in a box of class "table", in which it can be scrolled. */
  public String toHtml() {
    StringBuilder html = new StringBuilder("<div class=\"table\"><table>\n<thead><tr>");
    for (Column column : columns) {
      html.append("<th scope=\"col\"").append(attribute(column)).append('>');
      html.append(Html.escaped(column.name())).append("</th>");
    }
    html.append("</tr></thead>\n<tbody>\n");
    int[] decimals =
        IntStream.range(0, columns.size())
            .map(c -> rows.stream().mapToInt(row -> decimals(shown(row, c))).max().orElse(0))
            .toArray();
    for (List<@Nullable Object> row : rows) {
      html.append("<tr>");
      for (int c = 0; c < decimals.length; c++) {
        String text = Html.escaped(onPoint(shown(row, c), columns.get(c), decimals[c]));
        boolean bold = columns.get(c).best() != Column.Best.NOWHERE && isLeast(row, c);
        html.append("<td").append(attribute(columns.get(c))).append('>');
        html.append(bold ? "<strong>" + text + "</strong>" : text).append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody>\n</table></div>\n").toString();
  }

  private static String attribute(Column column) {
    ColumnType type = column.type();
    return type.isNumber() ? " class=\"number\"" : type.isCode() ? " class=\"code\"" : "";
  }

  /** Fills up a number on the right so that the points of a column stand in line. */
  private static String onPoint(String text, Column column, int decimals) {
    int own = decimals(text);
    if (!column.type().isNumber() || own == decimals || !PLAIN.matcher(text).matches()) {
      return text;
    }
    return text + (own == 0 ? POINT_SPACE : "") + DIGIT_SPACE.repeat(decimals - own);
  }

  /** Counts digits after the point; 0 for a power of ten, whose point stands in no line. */
  private static int decimals(String text) {
    int point = text.lastIndexOf('.');
    return point < 0 || !PLAIN.matcher(text).matches() ? 0 : text.length() - point - 1;
  }

  /** Returns the keys of the columns and the rows with all digits, strings quoted where needed. */
  public String toCsv() {
    StringBuilder csv = new StringBuilder(csvLine(columns.stream().map(Column::key).toList()));
    rows.forEach(row -> csv.append(csvLine(row)));
    return csv.toString();
  }

  private static String csvLine(List<? extends @Nullable Object> values) {
    return values.stream()
        .map(value -> value == null ? "" : quoted(value.toString()))
        .collect(Collectors.joining(",", "", "\n"));
  }

  private static String quoted(String value) {
    return value.matches("[^,\"\\r\\n]*") ? value : '"' + value.replace("\"", "\"\"") + '"';
  }

  private String shown(List<@Nullable Object> row, int column) {
    Object value = row.get(column);
    if (value == null || value instanceof Double real && !Double.isFinite(real)) {
      return Numbers.NONE;
    }
    return value instanceof String text ? text : columns.get(column).type().format().apply(value);
  }

  private boolean isLeast(List<@Nullable Object> row, int column) {
    return row.get(column) instanceof Double value
        && Double.isFinite(value)
        && rows.stream().noneMatch(r -> r.get(column) instanceof Double other && other < value);
  }
}
