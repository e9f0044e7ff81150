package org.longrope.driver.report.html;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * A table for the page and for a terminal.
 *
 * @param caption one sentence, which says what the numbers are; empty for none
 * @param columns at least one
 * @param rows a cell for each column
 */
record Table(String caption, List<Column> columns, List<List<Cell>> rows) {
  /** As wide as a digit, and as a point, in figures of one width. */
  private static final String DIGIT_SPACE = "\u2007";

  private static final String POINT_SPACE = "\u2008";

  private static final Pattern PLAIN = Pattern.compile("[-+\u2212]?[\\d,]+(\\.\\d+)?");

  /** Numbers stand to the right, their points below each other; code may break anywhere. */
  enum Kind {
    TEXT,
    NUMBER,
    CODE
  }

  record Column(String name, Kind kind) {
    static Column text(String name) {
      return new Column(name, Kind.TEXT);
    }

    static Column number(String name) {
      return new Column(name, Kind.NUMBER);
    }

    static Column code(String name) {
      return new Column(name, Kind.CODE);
    }
  }

  record Cell(String text, boolean best) {
    static Cell of(String text) {
      return new Cell(text, false);
    }
  }

  Table {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<Cell> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "Cannot make a row of " + row.size() + " cells: expected " + columns.size());
      }
    }
  }

  /** A row without a best cell. */
  static List<Cell> row(List<String> texts) {
    return texts.stream().map(Cell::of).toList();
  }

  /** Whether a value is the least of those that are finite; NaN stands for no value. */
  static boolean isLeast(double value, List<Double> values) {
    OptionalDouble least = values.stream().mapToDouble(one -> one).filter(Double::isFinite).min();
    return least.isPresent() && value == least.getAsDouble();
  }

  String toHtml(UnaryOperator<String> escape) {
    StringBuilder html = new StringBuilder();
    // Not a caption element: on a phone it would be as wide as the table that scrolls below it.
    if (!caption.isEmpty()) {
      html.append("<p class=\"caption\">").append(escape.apply(caption)).append("</p>\n");
    }
    html.append("<div class=\"table\"><table>\n<thead><tr>");
    for (Column column : columns) {
      html.append("<th scope=\"col\"").append(kind(column)).append('>');
      html.append(escape.apply(column.name)).append("</th>");
    }
    html.append("</tr></thead>\n<tbody>\n");
    List<List<String>> aligned = onPoints();
    for (int r = 0; r < rows.size(); r++) {
      html.append("<tr>");
      for (int c = 0; c < columns.size(); c++) {
        String text = escape.apply(aligned.get(r).get(c));
        html.append("<td").append(kind(columns.get(c))).append('>');
        html.append(rows.get(r).get(c).best ? "<strong>" + text + "</strong>" : text);
        html.append("</td>");
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody>\n</table></div>\n").toString();
  }

  private static String kind(Column column) {
    return switch (column.kind) {
      case TEXT -> "";
      case NUMBER -> " class=\"number\"";
      case CODE -> " class=\"code\"";
    };
  }

  /** The texts, those of numbers filled up on the right so that their points stand in line. */
  private List<List<String>> onPoints() {
    int[] places = new int[columns.size()];
    for (List<Cell> row : rows) {
      for (int c = 0; c < places.length; c++) {
        places[c] = Math.max(places[c], places(row.get(c).text));
      }
    }
    List<List<String>> aligned = new ArrayList<>();
    for (List<Cell> row : rows) {
      List<String> texts = new ArrayList<>();
      for (int c = 0; c < places.length; c++) {
        String text = row.get(c).text;
        int own = places(text);
        boolean number = columns.get(c).kind == Kind.NUMBER && PLAIN.matcher(text).matches();
        boolean fill = number && own < places[c];
        texts.add(
            fill
                ? text + (own == 0 ? POINT_SPACE : "") + DIGIT_SPACE.repeat(places[c] - own)
                : text);
      }
      aligned.add(texts);
    }
    return aligned;
  }

  /** Digits after the point; 0 without one, as a power of ten has none that stand in line. */
  private static int places(String text) {
    int point = text.lastIndexOf('.');
    return point < 0 || !PLAIN.matcher(text).matches() ? 0 : text.length() - point - 1;
  }

  /** Aligned columns, each line ended; the best of a column has a star. */
  String toText() {
    List<List<String>> lines = new ArrayList<>();
    lines.add(columns.stream().map(Column::name).toList());
    for (List<Cell> row : rows) {
      lines.add(row.stream().map(cell -> (cell.best ? "* " : "") + cell.text).toList());
    }
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder();
      for (int c = 0; c < columns.size(); c++) {
        int column = c;
        int width = lines.stream().mapToInt(one -> one.get(column).length()).max().orElse(0);
        String padding = " ".repeat(width - line.get(c).length());
        boolean right = columns.get(c).kind == Kind.NUMBER;
        row.append(c == 0 ? "" : "  ");
        row.append(right ? padding + line.get(c) : line.get(c) + padding);
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
