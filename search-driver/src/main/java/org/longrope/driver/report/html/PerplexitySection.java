package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.longrope.driver.report.html.RecipeDirectory.Measured;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.html.Table.Cell;
import org.longrope.driver.report.html.Table.Column;
import org.longrope.driver.report.plot.LengthPlot;

/**
 * Perplexity by length of all models and methods of a recipe: one table and one plot for what was
 * measured on the same documents by the same protocol; other numbers do not compare.
 */
final class PerplexitySection {
  private static final String FILE = "perplexity.json";
  private static final Set<String> KNOWN = Set.of("none", "pi", "ntk", "dynamic-ntk", "yarn");

  private final StepFiles files;
  private final String firstModel;

  /** What makes two perplexities comparable, and how it is said. */
  private record Basis(String dataHash, String protocol) {}

  /** A model under a method. */
  private record Line(String model, String method) {
    String name() {
      return model + ", " + method;
    }
  }

  PerplexitySection(StepFiles files) {
    this.files = files;
    firstModel = files.recipe().perplexities().stream().findFirst().map(Measured::model).orElse("");
  }

  /**
   * Adds tables and plots.
   *
   * @return the table for a terminal
   */
  String addTo(Page page) {
    StringBuilder text = new StringBuilder();
    Map<Basis, List<Measured>> byBasis = new LinkedHashMap<>();
    for (Step step : files.recipe().done("perplexity")) {
      Basis basis = files.json(step, FILE, PerplexitySection::basis);
      for (Measured one : files.recipe().perplexities()) {
        if (one.step().equals(step.name())) {
          byBasis.computeIfAbsent(basis, any -> new ArrayList<>()).add(one);
        }
      }
    }
    int number = 1;
    for (Map.Entry<Basis, List<Measured>> group : byBasis.entrySet()) {
      String suffix = byBasis.size() > 1 ? "-" + number++ : "";
      text.append(add(page, group.getKey(), group.getValue(), suffix));
    }
    return text.toString();
  }

  private static Basis basis(JsonNode json) {
    JsonNode provenance = json.required("provenance");
    Set<String> protocols = new TreeSet<>();
    for (JsonNode protocol : provenance.path("protocols")) {
      // The window is the length of the column; a stride is not.
      protocols.add(
          protocol
              .asText()
              .replaceAll("\\((\\d+)\\)", "")
              .replaceAll("\\(\\d+, (\\d+)\\)", ", stride $1"));
    }
    return new Basis(provenance.path("partition_sha256").asText(""), String.join(", ", protocols));
  }

  private String add(Page page, Basis basis, List<Measured> measured, String suffix) {
    Set<Integer> lengths = new TreeSet<>();
    measured.forEach(one -> lengths.add(one.length()));
    Map<Line, Map<Integer, Double>> lines = new LinkedHashMap<>();
    for (Measured one : measured) {
      lines
          .computeIfAbsent(line(one, measured), any -> new TreeMap<>())
          .put(one.length(), one.perplexity());
    }
    Table table = table(basis, measured, lines, lengths);
    if (lengths.size() > 1) {
      byte[] png = LengthPlot.png(plotted(lines));
      files.files().put("perplexity" + suffix + ".png", png);
      page.figures(
          List.of(
              new Page.Figure(
                  png,
                  "Perplexity by length for each model and method",
                  "Perplexity over the length that is read; both axes are logarithmic. Dashed: "
                      + firstModelName()
                      + " under methods known in closed form.")));
    }
    page.table(table);
    files.files().put("perplexity" + suffix + ".csv", csv(measured));
    return table.toText();
  }

  /** The step is named only where the same was measured twice. */
  private Line line(Measured one, List<Measured> all) {
    String model = files.recipe().called(one.model());
    String method = method(one.method());
    boolean again =
        all.stream()
            .anyMatch(
                other ->
                    !other.step().equals(one.step())
                        && other.length() == one.length()
                        && other.model().equals(one.model())
                        && other.method().equals(one.method()));
    return new Line(model, again ? method + " (" + one.step() + ")" : method);
  }

  /** Of a model's own factors only that they are its own. */
  private String method(String method) {
    if (method.contains("config.json")) {
      return "own factors";
    }
    List<String> names = new ArrayList<>();
    for (String name : method.split(", ", -1)) {
      names.add(name.contains("/") ? files.recipe().called(name) : name);
    }
    return String.join(", ", names);
  }

  private String firstModelName() {
    return files.recipe().called(firstModel);
  }

  private List<LengthPlot.Line> plotted(Map<Line, Map<Integer, Double>> lines) {
    List<LengthPlot.Line> plotted = new ArrayList<>();
    lines.forEach(
        (line, perplexities) -> {
          boolean known = KNOWN.contains(line.method) && line.model.equals(firstModelName());
          plotted.add(new LengthPlot.Line(line.name(), known ? line.method : "", perplexities));
        });
    return plotted;
  }

  private static Table table(
      Basis basis,
      List<Measured> measured,
      Map<Line, Map<Integer, Double>> lines,
      Set<Integer> lengths) {
    List<Column> columns = new ArrayList<>(List.of(Column.text("model"), Column.text("method")));
    lengths.forEach(length -> columns.add(Column.number(Numbers.count(length))));
    List<List<Cell>> rows = new ArrayList<>();
    lines.forEach(
        (line, perplexities) -> {
          List<Cell> row = new ArrayList<>(Table.row(List.of(line.model, line.method)));
          for (int length : lengths) {
            List<Double> column = new ArrayList<>();
            lines.values().forEach(of -> column.add(of.getOrDefault(length, Double.NaN)));
            double value = perplexities.getOrDefault(length, Double.NaN);
            row.add(new Cell(Numbers.perplexity(value), Table.isLeast(value, column)));
          }
          rows.add(row);
        });
    Set<String> steps = new LinkedHashSet<>();
    measured.forEach(one -> steps.add(one.step()));
    return new Table(
        String.format(
            Locale.ROOT,
            "Perplexity by length in tokens; the best of each column is bold. @ is what the step of"
                + " that name made. Data %s, protocol %s; measured by %s.",
            Numbers.hash(basis.dataHash),
            basis.protocol.isEmpty() ? "unknown" : basis.protocol,
            String.join(", ", steps)),
        columns,
        rows);
  }

  private static byte[] csv(List<Measured> measured) {
    List<List<Object>> rows = new ArrayList<>();
    for (Measured one : measured) {
      rows.add(
          List.of(
              one.step(), one.model(), one.method(), one.length(), one.perplexity(), one.tokens()));
    }
    return Csv.of(List.of("step", "model", "method", "length", "perplexity", "tokens"), rows);
  }
}
