package org.longrope.driver.factors;

import static org.longrope.driver.factors.FactorFile.EXPECTED;
import static org.longrope.driver.factors.FactorFile.damaged;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.longrope.eval.rope.RescaleFactors;

/** Factors as one CSV row of λ, the form of the published files. */
final class FactorCsv {
  private FactorCsv() {}

  /** Prints the row, with a newline. */
  static String print(RescaleFactors factors) {
    return factors.toList().stream().map(FactorCsv::shortest).collect(Collectors.joining(","))
        + "\n";
  }

  static FactorSet parse(String name, String content) {
    List<String> rows = new ArrayList<>();
    for (String line : content.split("\\R", -1)) {
      if (!line.isBlank()) {
        rows.add(line);
      }
    }
    // The kind of file is judged by its first row: prose on many lines is no CSV with many rows.
    String[] cells = rows.get(0).split(",", -1);
    double[] lambda = new double[cells.length];
    for (int i = 0; i < cells.length; i++) {
      lambda[i] = number(name, i, cells[i].strip());
    }
    if (rows.size() > 1) {
      throw damaged(
          name,
          "it has "
              + rows.size()
              + " rows, the second beginning '"
              + excerpt(rows.get(1).strip())
              + "'; expected one row of factors, shared by all layers");
    }
    return FactorSet.of(RescaleFactors.of(lambda));
  }

  private static double number(String name, int index, String cell) {
    double value;
    try {
      value = Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      throw damaged(
          name, "value " + (index + 1) + " ('" + excerpt(cell) + "') is no number; " + EXPECTED, e);
    }
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw damaged(
          name, "value " + (index + 1) + " is " + cell + "; expected a positive, finite number");
    }
    return value;
  }

  private static String shortest(double value) {
    return value == Math.rint(value) && value < 1e15
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private static String excerpt(String text) {
    return text.length() <= 24 ? text : text.substring(0, 24) + "…";
  }
}
