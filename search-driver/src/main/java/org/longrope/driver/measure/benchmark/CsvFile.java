package org.longrope.driver.measure.benchmark;

import java.util.ArrayList;
import java.util.List;
import org.longrope.driver.store.files.StoredFile;
import org.longrope.eval.BadInputException;

/**
 * Reader of comma-separated values by RFC 4180: quoted cells may hold commas, line ends and doubled
 * quotes.
 */
final class CsvFile {
  private final StoredFile file;
  private final String text;
  private final List<Row> rows = new ArrayList<>();
  private int position;
  private int line = 1;

  /**
   * Row of a file.
   *
   * @param line first line of the row, from 1
   */
  record Row(int line, List<String> cells) {}

  private CsvFile(StoredFile file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * Reads all rows.
   *
   * @throws BadInputException naming the line if the file is damaged
   */
  static List<Row> read(StoredFile file) {
    CsvFile csv = new CsvFile(file, TextFile.read(file));
    while (csv.position < csv.text.length()) {
      csv.readRow();
    }
    return csv.rows;
  }

  private void readRow() {
    int start = line;
    List<String> cells = new ArrayList<>();
    do {
      cells.add(at('"') ? quoted() : plain());
    } while (skip(','));
    skip('\r');
    if (position < text.length() && !skip('\n')) {
      throw BadInputException.of(
          "Line %d of %s has text after a closing quote: expected a comma or the line's end; fetch"
              + " the file again.",
          line, file);
    }
    line++;
    if (cells.size() > 1 || !cells.get(0).isBlank()) {
      rows.add(new Row(start, cells));
    }
  }

  private String plain() {
    int start = position;
    while (position < text.length() && !at(',') && !at('\n') && !at('\r')) {
      position++;
    }
    return text.substring(start, position);
  }

  private String quoted() {
    int start = line;
    StringBuilder cell = new StringBuilder();
    position++;
    while (position < text.length()) {
      char c = text.charAt(position++);
      if (c == '"' && !skip('"')) {
        return cell.toString();
      }
      line += c == '\n' ? 1 : 0;
      cell.append(c);
    }
    throw BadInputException.of(
        "Line %d of %s opens a quote that nothing closes: expected a closing quote; fetch the file"
            + " again.",
        start, file);
  }

  private boolean at(char c) {
    return position < text.length() && text.charAt(position) == c;
  }

  private boolean skip(char c) {
    if (!at(c)) {
      return false;
    }
    position++;
    return true;
  }
}
