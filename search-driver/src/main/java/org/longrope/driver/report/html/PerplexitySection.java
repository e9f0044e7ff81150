package org.longrope.driver.report.html;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.html.RecipeDirectory.Measured;
import org.longrope.driver.report.html.RecipeDirectory.Step;
import org.longrope.driver.report.plot.LengthPlot;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;

/**
 * Section on perplexity by length of all models and methods of a recipe. Measurements on the same
 * documents by the same protocol share a table and a plot; others cannot be compared.
 */
final class PerplexitySection {
  private static final String FILE = "perplexity.json";
  private static final Set<String> KNOWN = Set.of("none", "pi", "ntk", "dynamic-ntk", "yarn");

  private final StepFiles files;
  private final String firstModel;

  /** Documents and protocol, which comparable perplexities share. */
  private record Basis(String dataHash, String protocol) {}

  /** Model under a method. */
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
    Table table = table(lines, lengths);
    if (lengths.size() > 1) {
      byte[] png = LengthPlot.png(plotted(lines));
      files.files().put("perplexity" + suffix + ".png", png);
      page.figures(
          List.of(
              new Page.Figure(
                  png,
                  "Perplexity by length for each model and method",
                  "Perplexity over the length of texts. Dashed: "
                      + firstModelName()
                      + " under methods known in closed form.")));
    }
    page.table(caption(basis, measured), table);
    files.files().put("perplexity" + suffix + ".csv", csv(measured));
    return table.toText();
  }

  /** Names the step only where the same was measured twice. */
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

  /** Shortens paths, and the name of a model's own factors. */
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

  private static Table table(Map<Line, Map<Integer, Double>> lines, Set<Integer> lengths) {
    List<Column> columns = new ArrayList<>(List.of(Column.text("model"), Column.text("method")));
    lengths.forEach(length -> columns.add(Column.perplexity(Numbers.count(length)).withBest()));
    Table table = new Table(columns);
    lines.forEach(
        (line, perplexities) -> {
          List<@Nullable Object> row = new ArrayList<>(List.of(line.model, line.method));
          lengths.forEach(length -> row.add(perplexities.get(length)));
          table.add(row);
        });
    return table;
  }

  private static String caption(Basis basis, List<Measured> measured) {
    return String.format(
        "Perplexity by length in tokens; the best of each column is bold. @ is what the step of"
            + " that name made. Data %s, protocol %s; measured by %s.",
        Numbers.hash(basis.dataHash),
        basis.protocol.isEmpty() ? "unknown" : basis.protocol,
        measured.stream().map(Measured::step).distinct().collect(Collectors.joining(", ")));
  }

  private static byte[] csv(List<Measured> measured) {
    Table table =
        new Table(
            Stream.of("step", "model", "method", "length", "perplexity", "tokens")
                .map(Column::text)
                .toList());
    for (Measured one : measured) {
      table.add(
          one.step(), one.model(), one.method(), one.length(), one.perplexity(), one.tokens());
    }
    return table.toCsv().getBytes(UTF_8);
  }
}
