package org.longrope.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.longrope.eval.BadInputException;

/** PG19's metadata.csv: id, title, year, url, quoted as RFC 4180 says, with or without a header. */
final class Pg19Metadata {
  static final String FILE = "metadata.csv";

  private Pg19Metadata() {}

  /** Returns titles by document id. */
  static Map<String, String> titles(Path root, Configuration configuration) {
    Path file = new Path(root, FILE);
    String csv;
    try (InputStream stream = InputStreams.open(file, configuration)) {
      csv = InputStreams.text(stream.readAllBytes());
    } catch (IOException e) {
      throw new BadInputException(
          String.format(
              "Cannot read %s (%s): PG19 has it beside its splits; use --format text for text files"
                  + " alone.",
              file, TaskResult.reason(e)),
          e);
    }
    if (csv == null) {
      throw BadInputException.of("%s is not text: expected UTF-8.", file);
    }
    Map<String, String> titles = new HashMap<>();
    for (List<String> row : rows(csv, file.toString())) {
      if (row.size() > 1 && !row.get(1).isBlank()) {
        titles.put(row.get(0), row.get(1));
      }
    }
    return titles;
  }

  static List<List<String>> rows(String csv, String where) {
    List<List<String>> rows = new ArrayList<>();
    List<String> row = new ArrayList<>();
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < csv.length(); i++) {
      char c = csv.charAt(i);
      if (quoted) {
        if (c != '"') {
          cell.append(c);
        } else if (i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
          cell.append('"');
          i++;
        } else {
          quoted = false;
        }
      } else if (c == '"' && cell.isEmpty()) {
        quoted = true;
      } else if (c == ',' || c == '\n') {
        row.add(cell.toString());
        cell.setLength(0);
        if (c == '\n') {
          rows.add(row);
          row = new ArrayList<>();
        }
      } else if (c != '\r') {
        cell.append(c);
      }
    }
    if (quoted) {
      throw BadInputException.of(
          "%s ends inside a quoted field: the file is cut off or a quote is not doubled.", where);
    }
    if (!cell.isEmpty() || !row.isEmpty()) {
      row.add(cell.toString());
      rows.add(row);
    }
    return rows;
  }
}
