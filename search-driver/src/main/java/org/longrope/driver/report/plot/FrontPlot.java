package org.longrope.driver.report.plot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.longrope.driver.report.table.ParetoFront;
import org.longrope.driver.report.table.TradeOff;

/** Perplexity of short texts over that of long ones: what each gain at the one costs the other. */
public final class FrontPlot {
  /** What is so many times above the search's choice would squeeze all else together. */
  private static final double OFF_SCALE_FROM = 4;

  private final ParetoFront front;
  private final TradeOff centre;

  private FrontPlot(ParetoFront front) {
    this.front = front;
    // The found one, else what has the least geometric mean.
    centre =
        front.front().stream()
            .min(
                Comparator.comparing((TradeOff one) -> !one.isFound())
                    .thenComparing(one -> one.longPerplexity() * one.shortPerplexity()))
            .orElseThrow(
                () -> new IllegalArgumentException("Cannot plot a front: nothing was measured"));
  }

  /**
   * Draws the plot, both axes logarithmic.
   *
   * @return a PNG of 1200 × 750 pixels
   * @throws IllegalArgumentException if nothing was measured
   */
  public static byte[] png(ParetoFront front) {
    return new Plot(
            String.format(
                Locale.ROOT,
                "Long against short: %,d of %,d rescalings on the front",
                front.front().size(),
                front.all().size()),
            title(front.targetLength()),
            title(front.originalWindow()),
            true,
            Plot.Across.VALUES)
        .png(new FrontPlot(front).curves());
  }

  private static String title(int length) {
    return String.format(Locale.ROOT, "perplexity at %,d tokens", length);
  }

  private List<Curve> curves() {
    List<TradeOff> near = near(front.all());
    int above = front.all().size() - near.size();
    List<Curve> curves = new ArrayList<>();
    curves.add(
        Curve.points(
            above == 0 ? "rescalings" : String.format(Locale.ROOT, "rescalings (%,d above)", above),
            longs(near),
            shorts(near)));
    curves.add(Curve.found("front", longs(near(front.front())), shorts(near(front.front()))));
    for (TradeOff one : front.all()) {
      if (one.isBaseline()) {
        curves.add(baseline(one));
      }
    }
    for (TradeOff one : near) {
      if (one.isFound()) {
        curves.add(Curve.chosen(label(one), longs(List.of(one)), shorts(List.of(one))));
      }
    }
    return curves;
  }

  private Curve baseline(TradeOff one) {
    return isNear(one)
        ? Curve.point(one.method(), label(one), longs(List.of(one)), shorts(List.of(one)))
        : Curve.point(
            one.method(),
            label(one) + " (above)",
            longs(List.of(centre)),
            new double[] {Double.NaN});
  }

  private static String label(TradeOff one) {
    return String.format(
        Locale.ROOT, "%s %.2f, %.2f", one.method(), one.longPerplexity(), one.shortPerplexity());
  }

  private List<TradeOff> near(List<TradeOff> tradeOffs) {
    return tradeOffs.stream().filter(this::isNear).toList();
  }

  private boolean isNear(TradeOff one) {
    return one.longPerplexity() <= OFF_SCALE_FROM * centre.longPerplexity()
        && one.shortPerplexity() <= OFF_SCALE_FROM * centre.shortPerplexity();
  }

  private static double[] longs(List<TradeOff> tradeOffs) {
    return tradeOffs.stream().mapToDouble(TradeOff::longPerplexity).toArray();
  }

  private static double[] shorts(List<TradeOff> tradeOffs) {
    return tradeOffs.stream().mapToDouble(TradeOff::shortPerplexity).toArray();
  }
}
