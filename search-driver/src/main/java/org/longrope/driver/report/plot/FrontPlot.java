package org.longrope.driver.report.plot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Perplexity of short texts over that of long ones: it shows what a gain at one costs at the other.
 */
public final class FrontPlot {
  /** Multiple of the chosen perplexities beyond which a point would squeeze all else together. */
  private static final double OFF_SCALE_FROM = 2;

  private final List<Point> all;
  private final List<Point> front;
  private final Point centre;

  /** Part that a rescaling has in the plot. */
  public enum Part {
    FOUND,
    BASELINE,
    OTHER
  }

  /**
   * Perplexities of a rescaling.
   *
   * @param name in the legend, of one that was found or of a baseline
   */
  public record Point(String name, Part part, double longPerplexity, double shortPerplexity) {}

  private FrontPlot(List<Point> all, List<Point> front) {
    this.all = all;
    this.front = front;
    centre =
        front.stream()
            .min(
                Comparator.comparing((Point one) -> one.part != Part.FOUND)
                    .thenComparing(one -> one.longPerplexity * one.shortPerplexity))
            .orElseThrow(
                () -> new IllegalArgumentException("Cannot plot a front: nothing was measured"));
  }

  /**
   * Draws the plot.
   *
   * @param targetLength of a long text, tokens
   * @param originalWindow length of a short text, tokens
   * @param all points
   * @param front those of them that are joined by a line, in its order
   * @return a PNG of 1200 × 750 pixels
   * @throws IllegalArgumentException if nothing was measured
   */
  public static byte[] png(
      int targetLength, int originalWindow, List<Point> all, List<Point> front) {
    return new Plot(
            String.format(
                Locale.ROOT,
                "Long against short: %,d of %,d rescalings on the front",
                front.size(),
                all.size()),
            title(targetLength),
            title(originalWindow),
            Axis.VALUE)
        .png(new FrontPlot(all, front).curves());
  }

  private static String title(int length) {
    return String.format(Locale.ROOT, "perplexity at %,d tokens", length);
  }

  private List<Curve> curves() {
    List<Point> near = all.stream().filter(this::isNear).toList();
    int above = all.size() - near.size();
    List<Curve> curves = new ArrayList<>();
    String label =
        above == 0 ? "rescalings" : String.format(Locale.ROOT, "rescalings (%,d above)", above);
    curves.add(curve(CurveStyle.POINTS, label, label, near));
    curves.add(
        curve(CurveStyle.FOUND, "front", "front", front.stream().filter(this::isNear).toList()));
    for (Point one : all) {
      if (one.part == Part.BASELINE) {
        curves.add(baseline(one));
      }
    }
    for (Point one : near) {
      if (one.part == Part.FOUND) {
        curves.add(curve(CurveStyle.CHOSEN, one.name, label(one), List.of(one)));
      }
    }
    return curves;
  }

  private Curve baseline(Point one) {
    return isNear(one)
        ? curve(CurveStyle.POINT, one.name, label(one), List.of(one))
        : new Curve(
            one.name,
            label(one) + " (above)",
            CurveStyle.POINT,
            new double[] {centre.longPerplexity},
            new double[] {Double.NaN});
  }

  private static Curve curve(CurveStyle style, String name, String label, List<Point> points) {
    return new Curve(
        name,
        label,
        style,
        points.stream().mapToDouble(Point::longPerplexity).toArray(),
        points.stream().mapToDouble(Point::shortPerplexity).toArray());
  }

  private static String label(Point one) {
    return String.format(
        Locale.ROOT, "%s %.2f, %.2f", one.name, one.longPerplexity, one.shortPerplexity);
  }

  private boolean isNear(Point one) {
    return one.longPerplexity <= OFF_SCALE_FROM * centre.longPerplexity
        && one.shortPerplexity <= OFF_SCALE_FROM * centre.shortPerplexity;
  }
}
