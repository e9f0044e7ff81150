package org.longrope.driver.report.html;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.longrope.driver.report.plot.ConvergencePlot;
import org.longrope.driver.report.plot.FactorPlot;
import org.longrope.driver.report.plot.GenerationSummary;
import org.longrope.driver.report.plot.GradientPlot;
import org.longrope.driver.report.table.Column;
import org.longrope.driver.report.table.ColumnType;
import org.longrope.driver.report.table.Numbers;
import org.longrope.driver.report.table.Table;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.results.GradientStep;
import org.longrope.driver.run.results.ParetoFront;
import org.longrope.driver.run.results.RunStatus;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/**
 * Plots of a search and the numbers behind them.
 *
 * @param files of the report, to which plots and CSV files are added
 * @param prefix of their names
 */
record SearchFigures(SearchPart search, Map<String, byte[]> files, String prefix) {

  void addTo(Page page) {
    List<Page.Figure> figures = new ArrayList<>();
    List<GenerationSummary> generations = search.history().generations();
    String quantity = search.objective().quantity();
    if (!generations.isEmpty()) {
      byte[] png =
          ConvergencePlot.png(
              generations, search.history().plottedToBeat(), quantity, search.targetLength());
      figures.add(
          figure(
              RunDirectory.CONVERGENCE_PLOT,
              png,
              "Best and median " + quantity + " by generation",
              gained(generations)));
    }
    List<GradientStep> steps = search.history().steps();
    if (!steps.isEmpty()) {
      figures.add(
          figure(
              "gradient.png",
              GradientPlot.png(
                  steps.stream().mapToDouble(GradientStep::byFactors).toArray(),
                  steps.stream().mapToDouble(GradientStep::byQueryScales).toArray()),
              "Norm of the gradient by step",
              "Slope of ln perplexity on the documents of each step. Every fifth step"
                  + " the answer is compared on documents that no gradient is taken on; convergence"
                  + " shows the best of these."));
    }
    Rescaling found = search.rescaling();
    if (found != null) {
      figures.add(
          figure(
              RunDirectory.FACTOR_PLOT,
              FactorPlot.png(found, search.others(), search.rope(), search.targetLength()),
              "Rescale factor by pair, found and known",
              "Rescale factors of each pair of dimensions: those that the search found, and those"
                  + " of "
                  + String.join(", ", search.others().keySet())
                  + "."));
    }
    ParetoFront front = search.front();
    if (front != null) {
      figures.add(
          figure(
              RunDirectory.FRONT_PLOT,
              front.toPng(),
              "Perplexity of short texts over that of long ones",
              "Every rescaling that was evaluated on all documents of the search; no other is as"
                  + " good at both lengths as one on the front."));
    }
    if (figures.isEmpty()) {
      page.note("No generation is complete yet: convergence and factors are still to come.");
      return;
    }
    page.figures(figures);
    if (!generations.isEmpty()) {
      fold(page, "Convergence in numbers", "convergence.csv", table(generations));
    }
    if (!steps.isEmpty()) {
      fold(page, "Steps in numbers", "steps.csv", stepTable(steps));
    }
    if (found != null) {
      Map<String, RescaleFactors> factors = new LinkedHashMap<>(Map.of("found", found.factors()));
      factors.putAll(search.others());
      fold(page, "Factors in numbers", "factors.csv", table(factors));
    }
  }

  private Page.Figure figure(String file, byte[] png, String alternative, String caption) {
    files.put(prefix + file, png);
    return new Page.Figure(png, alternative, caption);
  }

  private void fold(Page page, String summary, String file, Table table) {
    files.put(prefix + file, table.toCsv().getBytes(UTF_8));
    page.folded(summary, table);
  }

  private String gained(List<GenerationSummary> generations) {
    double first = generations.get(0).bestPerplexity();
    double last = generations.get(generations.size() - 1).bestPerplexity();
    int since =
        generations.stream()
            .filter(one -> one.bestPerplexity() == last)
            .mapToInt(GenerationSummary::generation)
            .min()
            .orElse(0);
    RunStatus status = search.history().status();
    return String.format(
        "The best %s among candidates went from %s in the first population to %s in generation %d"
            + " of %d.",
        search.objective().quantity(),
        Numbers.perplexity(first),
        Numbers.perplexity(last),
        since,
        status.settings().search().generations(status.settings().documents()));
  }

  private static Table table(List<GenerationSummary> generations) {
    Table table =
        new Table(
            Column.of("generation", ColumnType.INTEGER),
            Column.decimals("best so far", 4).withKey("best"),
            Column.decimals("median", 4),
            Column.count("candidates"),
            Column.count("rejected"));
    for (GenerationSummary one : generations) {
      table.add(
          one.generation(),
          one.bestPerplexity(),
          one.medianPerplexity(),
          one.evaluations(),
          one.rejected());
    }
    return table;
  }

  private static Table stepTable(List<GradientStep> steps) {
    Table table =
        new Table(
            Column.of("step", ColumnType.INTEGER),
            Column.count("documents"),
            Column.decimals("perplexity", 4),
            Column.decimals("gradient norm", 6).withKey("gradient_norm"),
            Column.decimals("norm by query scales", 6).withKey("query_scales_norm"));
    for (GradientStep one : steps) {
      table.add(
          one.number(), one.documents(), one.perplexity(), one.byFactors(), one.byQueryScales());
    }
    return table;
  }

  private static Table table(Map<String, RescaleFactors> factors) {
    List<Column> columns = new ArrayList<>(List.of(Column.of("pair", ColumnType.INTEGER)));
    factors.keySet().forEach(name -> columns.add(Column.decimals(name, 4)));
    Table table = new Table(columns);
    int pairs = factors.values().iterator().next().pairs();
    for (int i = 0; i < pairs; i++) {
      List<Object> row = new ArrayList<>(List.of(i));
      for (RescaleFactors one : factors.values()) {
        row.add(one.get(i));
      }
      table.add(row);
    }
    return table;
  }
}
