package org.longrope.driver.report.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.longrope.driver.report.table.Numbers;

/**
 * Best and median of what a search minimises by generation, with the baselines as level lines: it
 * shows whether a search still gains, and whether it beats the methods known in closed form.
 *
 * <p>The vertical axis runs from the best baseline down to the best that the search found. Worse
 * baselines are named at its upper edge: an axis that reached up to them would press the search
 * into a line.
 */
public final class ConvergencePlot {
  /** Multiple of the gain over the best baseline up to which a worse start of a search is shown. */
  private static final double WORSE_START = 4;

  private final List<GenerationSummary> generations;
  private final Map<String, Double> baselines;
  private final double low;
  private final double high;

  private ConvergencePlot(List<GenerationSummary> generations, Map<String, Double> baselines) {
    this.generations = generations;
    this.baselines = baselines;
    double first = generations.get(0).bestPerplexity();
    double last = generations.get(generations.size() - 1).bestPerplexity();
    double toBeat =
        baselines.values().stream().filter(Double::isFinite).min(Double::compare).orElse(first);
    double gain = toBeat - last;
    double top = gain > 0 ? Math.max(toBeat, Math.min(first, toBeat + WORSE_START * gain)) : first;
    double bottom = Math.min(last, toBeat);
    // A level line at an edge, and a search without gain, are still to be seen.
    double margin = Math.max(0.02 * (top - bottom), 0.002 * bottom);
    low = bottom - margin;
    high = top + 2 * margin;
  }

  /**
   * Draws the plot.
   *
   * @param generations in order, at least one
   * @param baselines the same of methods, by name, in the order of the legend; values that are not
   *     finite are left out
   * @param quantity what is minimised, such as perplexity
   * @param targetLength tokens that it was measured at
   * @return a PNG of 1200 × 750 pixels
   * @throws IllegalArgumentException if there is no generation
   */
  public static byte[] png(
      List<GenerationSummary> generations,
      Map<String, Double> baselines,
      String quantity,
      int targetLength) {
    if (generations.isEmpty()) {
      throw new IllegalArgumentException("Cannot plot convergence: there is no generation yet");
    }
    return new ConvergencePlot(generations, baselines)
        .draw(String.format(Locale.ROOT, "%s at %,d tokens", quantity, targetLength));
  }

  private byte[] draw(String yTitle) {
    double[] x = generations.stream().mapToDouble(GenerationSummary::generation).toArray();
    double[] median =
        generations.stream().mapToDouble(GenerationSummary::medianPerplexity).toArray();
    double[] best = generations.stream().mapToDouble(GenerationSummary::bestPerplexity).toArray();
    // The line of a search with one generation has a length too.
    double[] ends = {x[0], Math.max(x[x.length - 1], x[0] + 1)};
    List<Curve> curves = new ArrayList<>();
    baselines.forEach(
        (name, value) -> {
          if (value <= high) {
            double[] level = {value, value};
            curves.add(new Curve(name, label(name, value), CurveStyle.BASELINE, ends, level));
          }
        });
    for (double value : median) {
      if (value <= high) {
        curves.add(Curve.of(CurveStyle.SPREAD, "median of generation", x, median));
        break;
      }
    }
    curves.add(Curve.of(CurveStyle.FOUND, "best so far", x, best));
    Plot plot = new Plot(title(), "generation", yTitle, Axis.INDEX).range(low, high);
    String above =
        baselines.entrySet().stream()
            .filter(one -> Double.isFinite(one.getValue()) && one.getValue() > high)
            .map(one -> label(one.getKey(), one.getValue()))
            .collect(Collectors.joining(", "));
    return (above.isEmpty() ? plot : plot.edge("above this axis: " + above)).png(curves);
  }

  private static String label(String name, double value) {
    return String.format(Locale.ROOT, value < 100 ? "%s: %.2f" : "%s: %,.0f", name, value);
  }

  private String title() {
    return String.format(
        "Search convergence: %s, %s rejected",
        Numbers.counted(
            generations.stream().mapToInt(GenerationSummary::evaluations).sum(), "evaluation"),
        Numbers.count(generations.stream().mapToInt(GenerationSummary::rejected).sum()));
  }
}
