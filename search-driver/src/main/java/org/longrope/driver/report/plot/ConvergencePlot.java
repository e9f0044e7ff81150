package org.longrope.driver.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.longrope.driver.report.table.GenerationSummary;

/**
 * Best and median of what a search minimises by generation, with the baselines as level lines:
 * whether a search still gains, and whether it beats the methods known in closed form.
 */
public final class ConvergencePlot {
  /** Beyond this ratio of highest to lowest the interesting part would be squeezed flat. */
  private static final double LOGARITHMIC_FROM = 4;

  /** A baseline so many times above all that the search saw is only named in the legend. */
  private static final double OFF_SCALE_FROM = 5;

  private ConvergencePlot() {}

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
    double[] x = generations.stream().mapToDouble(GenerationSummary::generation).toArray();
    Curve best = Curve.found("best so far", x, values(generations, true));
    Curve median = Curve.spread("median of generation", x, values(generations, false));
    double highest = Curve.values(List.of(best, median)).max().orElse(Double.POSITIVE_INFINITY);

    List<Curve> curves = new ArrayList<>();
    baselines.forEach(
        (name, perplexity) -> {
          if (Double.isFinite(perplexity)) {
            curves.add(baseline(name, perplexity, x, perplexity <= OFF_SCALE_FROM * highest));
          }
        });
    if (Curve.values(List.of(median)).findAny().isPresent()) {
      curves.add(median);
    }
    curves.add(best);
    return new Plot(
            title(generations),
            "generation",
            String.format(Locale.ROOT, "%s at %,d tokens", quantity, targetLength),
            Curve.spread(curves) > LOGARITHMIC_FROM)
        .png(curves);
  }

  private static double[] values(List<GenerationSummary> generations, boolean best) {
    return generations.stream()
        .mapToDouble(best ? GenerationSummary::bestPerplexity : GenerationSummary::medianPerplexity)
        .toArray();
  }

  private static Curve baseline(String name, double perplexity, double[] x, boolean onScale) {
    // A search of a single generation still needs a line that can be seen.
    double[] ends = {x[0], Math.max(x[x.length - 1], x[0] + 1)};
    double[] y = new double[2];
    Arrays.fill(y, onScale ? perplexity : Double.NaN);
    String label =
        String.format(
            Locale.ROOT,
            perplexity < 1_000 ? "%s %.2f%s" : "%s %,.0f%s",
            name,
            perplexity,
            onScale ? "" : " (above)");
    return Curve.baseline(name, label, ends, y);
  }

  private static String title(List<GenerationSummary> generations) {
    int evaluations = generations.stream().mapToInt(GenerationSummary::evaluations).sum();
    int rejected = generations.stream().mapToInt(GenerationSummary::rejected).sum();
    return String.format(
        Locale.ROOT, "Search convergence: %,d evaluations, %,d rejected", evaluations, rejected);
  }
}
