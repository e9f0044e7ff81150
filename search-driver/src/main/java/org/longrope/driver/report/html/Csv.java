package org.longrope.driver.report.html;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** Rows of values for a program: numbers with all their digits, texts quoted where they must be. */
final class Csv {
  private Csv() {}

  static byte[] of(List<String> head, List<List<Object>> rows) {
    StringBuilder csv = new StringBuilder(line(head));
    rows.forEach(row -> csv.append(line(row)));
    return csv.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String line(List<?> values) {
    return values.stream()
        .map(value -> quoted(String.valueOf(value)))
        .collect(Collectors.joining(",", "", "\n"));
  }

  private static String quoted(String value) {
    return value.matches("[^,\"\\r\\n]*") ? value : '"' + value.replace("\"", "\"\"") + '"';
  }
}
