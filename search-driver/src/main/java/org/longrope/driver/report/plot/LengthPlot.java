package org.longrope.driver.report.plot;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Map.Entry;

/** Perplexity over the length of texts, a line for each model and method. */
public final class LengthPlot {
  /**
   * Model under a method.
   *
   * @param name in the legend
   * @param baseline the method known in closed form that is drawn as in the other plots; empty for
   *     what was searched or trained
   * @param perplexity by length in tokens; values that are not finite leave a gap
   */
  public record Line(String name, String baseline, Map<Integer, Double> perplexity) {
    public Line {
      perplexity = Map.copyOf(perplexity);
    }
  }

  private LengthPlot() {}

  /**
   * Draws the plot with a logarithmic axis of lengths.
   *
   * @param lines in the order of the legend; two lengths or more in all
   * @return a PNG of 1200 × 750 pixels
   * @throws IllegalArgumentException if there are not two lengths to draw a line between
   */
  public static byte[] png(List<Line> lines) {
    if (lines.stream().flatMap(line -> line.perplexity.keySet().stream()).distinct().count() < 2) {
      throw new IllegalArgumentException(
          "Cannot plot perplexity over length: expected two lengths or more");
    }
    return new Plot("Perplexity by length", "length in tokens", "perplexity", Axis.LENGTH)
        .png(lines.stream().map(LengthPlot::curve).toList());
  }

  private static Curve curve(Line line) {
    List<Entry<Integer, Double>> points =
        line.perplexity.entrySet().stream()
            .sorted(Comparator.comparing(Entry<Integer, Double>::getKey))
            .toList();
    double[] x = points.stream().mapToDouble(Entry::getKey).toArray();
    double[] y = points.stream().mapToDouble(Entry::getValue).toArray();
    return line.baseline.isEmpty()
        ? Curve.of(CurveStyle.MEASURED, line.name, x, y)
        : new Curve(line.baseline, line.name, CurveStyle.BASELINE, x, y);
  }
}
