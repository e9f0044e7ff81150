package org.longrope.driver.report.html;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.report.html.Table.Cell;
import org.longrope.driver.report.html.Table.Column;
import org.longrope.driver.report.plot.ConvergencePlot;
import org.longrope.driver.report.plot.FactorPlot;
import org.longrope.driver.report.plot.FrontPlot;
import org.longrope.driver.report.table.GenerationSummary;
import org.longrope.driver.report.table.ParetoFront;
import org.longrope.driver.report.table.SummaryTable;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.results.PhaseCost;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** What a page shows of one search: methods, convergence, factors, cost. */
final class SearchSections {
  private final SearchPart search;
  private final Page page;
  private final Map<String, byte[]> files;
  private final String prefix;

  /**
   * @param files of the report, to be added to
   * @param prefix of the names of this search's files
   */
  SearchSections(SearchPart search, Page page, Map<String, byte[]> files, String prefix) {
    this.search = search;
    this.page = page;
    this.files = files;
    this.prefix = prefix;
    search.files().forEach((name, text) -> files.put(prefix + name, text.getBytes(UTF_8)));
  }

  /** The methods against each other, or how far the search is. */
  void methods() {
    SummaryTable summary = search.summary();
    if (summary == null) {
      page.note(
          "This search is not finished: what follows is what its journal holds so far; the"
              + " comparison of methods on held-out documents and at the original window is still"
              + " to come.");
      return;
    }
    int searched = search.subject().path("documents").size();
    int heldOut = search.subject().path("held_out_documents").size();
    String caption =
        search
                .objective()
                .comparison(
                    String.format(
                        Locale.ROOT,
                        "%d documents at %,d tokens (searched)",
                        searched,
                        summary.targetLength()),
                    heldOut + " others (held out)",
                    String.format(
                        Locale.ROOT,
                        "all at the original window of %,d tokens",
                        summary.originalWindow()))
            + " a: attention factor; the best of each column is bold.";
    List<SummaryTable.Row> rows = summary.rows();
    List<List<Cell>> cells = new ArrayList<>();
    for (SummaryTable.Row row : rows) {
      cells.add(
          List.of(
              Cell.of(row.method()),
              Cell.of(range(row.factors())),
              Cell.of(Numbers.count(row.startTokens())),
              Cell.of(Numbers.factor(row.attentionFactor())),
              cell(row, rows, SummaryTable.Row::targetPerplexity),
              cell(row, rows, SummaryTable.Row::heldOutPerplexity),
              cell(row, rows, SummaryTable.Row::originalPerplexity)));
    }
    page.table(
        new Table(
            caption,
            List.of(
                Column.text("method"),
                Column.text("rescale factors"),
                Column.number("start tokens"),
                Column.number("a"),
                Column.number(String.format(Locale.ROOT, "%,d tokens", summary.targetLength())),
                Column.number("held out"),
                Column.number(String.format(Locale.ROOT, "%,d tokens", summary.originalWindow()))),
            cells));
    String needsNone = search.history().status().needsNoRescaling();
    if (needsNone != null) {
      page.note(needsNone);
    }
  }

  private static Cell cell(
      SummaryTable.Row row,
      List<SummaryTable.Row> rows,
      Function<SummaryTable.Row, @Nullable Double> column) {
    List<Double> all = new ArrayList<>();
    for (SummaryTable.Row one : rows) {
      Double value = column.apply(one);
      all.add(value == null ? Double.NaN : value);
    }
    Double value = column.apply(row);
    return new Cell(Numbers.perplexity(value), value != null && Table.isLeast(value, all));
  }

  private static String range(@Nullable RescaleFactors factors) {
    if (factors == null) {
      return "by length";
    }
    double low = factors.toList().stream().mapToDouble(v -> v).min().orElse(1);
    double high = factors.toList().stream().mapToDouble(v -> v).max().orElse(1);
    return low == high
        ? String.format(Locale.ROOT, "%.2f", low)
        : String.format(Locale.ROOT, "%.2f to %.2f", low, high);
  }

  /** Convergence and factors, and the numbers behind them. */
  void figures() {
    List<Page.Figure> figures = new ArrayList<>();
    List<GenerationSummary> generations = search.history().generations();
    if (!generations.isEmpty()) {
      byte[] png =
          ConvergencePlot.png(
              generations,
              search.history().plottedToBeat(),
              search.objective().quantity(),
              search.targetLength());
      files.put(prefix + RunDirectory.CONVERGENCE_PLOT, png);
      figures.add(
          new Page.Figure(
              png,
              "Best and median " + search.objective().quantity() + " by generation",
              gained()));
    }
    Rescaling found = search.rescaling();
    if (found != null) {
      byte[] png = FactorPlot.png(found, search.others(), search.targetLength());
      files.put(prefix + RunDirectory.FACTOR_PLOT, png);
      figures.add(
          new Page.Figure(
              png,
              "Rescale factor by pair, found and known",
              "How far each pair of dimensions is rescaled: what the search found against "
                  + String.join(", ", search.others().keySet())
                  + "."));
    }
    ParetoFront front = search.front();
    if (front != null) {
      byte[] png = FrontPlot.png(front);
      files.put(prefix + RunDirectory.FRONT_PLOT, png);
      figures.add(
          new Page.Figure(
              png,
              "Perplexity of short texts over that of long ones",
              "Every rescaling that was read on all documents of the search; no other is as good at"
                  + " both lengths as one on the front."));
    }
    if (figures.isEmpty()) {
      page.note("No generation is complete yet: convergence and factors are still to come.");
      return;
    }
    page.figures(figures);
    if (!generations.isEmpty()) {
      files.put(prefix + "convergence.csv", convergenceCsv(generations));
      page.folded("Convergence in numbers", generations(generations));
    }
    if (found != null) {
      Map<String, RescaleFactors> factors = factors(found);
      files.put(prefix + "factors.csv", factorsCsv(factors));
      page.folded("Factors in numbers", table(factors));
    }
  }

  private String gained() {
    List<GenerationSummary> generations = search.history().generations();
    double first = generations.get(0).bestPerplexity();
    GenerationSummary last = generations.get(generations.size() - 1);
    int since =
        generations.stream()
            .filter(one -> one.bestPerplexity() == last.bestPerplexity())
            .mapToInt(GenerationSummary::generation)
            .min()
            .orElse(0);
    return String.format(
        Locale.ROOT,
        "The best %s among candidates went from %s in the first population to %s in generation %d"
            + " of %d.",
        search.objective().quantity(),
        Numbers.perplexity(first),
        Numbers.perplexity(last.bestPerplexity()),
        since,
        search
            .history()
            .status()
            .settings()
            .search()
            .generations(search.history().status().settings().documents()));
  }

  private static Table generations(List<GenerationSummary> generations) {
    return new Table(
        "",
        List.of(
            Column.number("generation"),
            Column.number("best so far"),
            Column.number("median"),
            Column.number("candidates"),
            Column.number("rejected")),
        generations.stream()
            .map(
                one ->
                    Table.row(
                        List.of(
                            Integer.toString(one.generation()),
                            String.format(Locale.ROOT, "%.4f", one.bestPerplexity()),
                            String.format(Locale.ROOT, "%.4f", one.medianPerplexity()),
                            Integer.toString(one.evaluations()),
                            Integer.toString(one.rejected()))))
            .toList());
  }

  private static byte[] convergenceCsv(List<GenerationSummary> generations) {
    return Csv.of(
        List.of("generation", "best", "median", "candidates", "rejected"),
        generations.stream()
            .map(
                one ->
                    List.<Object>of(
                        one.generation(),
                        one.bestPerplexity(),
                        one.medianPerplexity(),
                        one.evaluations(),
                        one.rejected()))
            .toList());
  }

  private Map<String, RescaleFactors> factors(Rescaling found) {
    Map<String, RescaleFactors> all = new LinkedHashMap<>();
    all.put("found", found.factors());
    all.putAll(search.others());
    return all;
  }

  private static byte[] factorsCsv(Map<String, RescaleFactors> factors) {
    List<String> head = new ArrayList<>(List.of("pair"));
    head.addAll(factors.keySet());
    int pairs = factors.values().iterator().next().pairs();
    List<List<Object>> rows = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      List<Object> row = new ArrayList<>(List.of(i));
      for (RescaleFactors one : factors.values()) {
        row.add(one.get(i));
      }
      rows.add(row);
    }
    return Csv.of(head, rows);
  }

  private static Table table(Map<String, RescaleFactors> factors) {
    List<Column> columns = new ArrayList<>(List.of(Column.number("pair")));
    factors.keySet().forEach(name -> columns.add(Column.number(name)));
    int pairs = factors.values().iterator().next().pairs();
    List<List<Cell>> rows = new ArrayList<>();
    for (int i = 0; i < pairs; i++) {
      List<Cell> row = new ArrayList<>(List.of(Cell.of(Integer.toString(i))));
      for (RescaleFactors one : factors.values()) {
        row.add(Cell.of(Numbers.factor(one.get(i))));
      }
      rows.add(row);
    }
    return new Table("", columns, rows);
  }

  /** What the search took, by phase. */
  void cost() {
    List<List<Cell>> rows = new ArrayList<>();
    for (PhaseCost cost : search.history().costs()) {
      rows.add(row(cost.phase(), cost));
    }
    rows.add(row("all", search.cost()));
    page.table(
        new Table(
            "One evaluation is one document under one rescaling. Hours are those that evaluators"
                + " worked, added up.",
            List.of(
                Column.text("phase"),
                Column.text("computed in"),
                Column.number("evaluations"),
                Column.number("rejected"),
                Column.number("tokens scored"),
                Column.number("evaluator-hours")),
            rows));
  }

  private static List<Cell> row(String name, PhaseCost cost) {
    return Table.row(
        List.of(
            name,
            cost.computeTypes().isEmpty() ? "–" : String.join(", ", cost.computeTypes()),
            Numbers.count(cost.evaluations()),
            Numbers.count(cost.rejected()),
            Numbers.count(cost.tokens()),
            Numbers.hours(cost.seconds())));
  }
}
