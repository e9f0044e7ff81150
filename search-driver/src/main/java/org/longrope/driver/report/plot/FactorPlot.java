package org.longrope.driver.report.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;

/** The found λ_i over pair index i beside those of the baselines: where the search went its way. */
public final class FactorPlot {
  private FactorPlot() {}

  /**
   * Draws the plot.
   *
   * @param found what the search found
   * @param baselines factors by method name, drawn in the map's order
   * @param targetLength tokens the factors are for
   * @return a PNG of 1200 × 750 pixels
   */
  public static byte[] png(
      Rescaling found, Map<String, RescaleFactors> baselines, int targetLength) {
    List<Curve> curves = new ArrayList<>();
    baselines.forEach(
        (name, factors) ->
            curves.add(Curve.baseline(name, name, pairs(factors), factors.toArray())));
    curves.add(Curve.found("found", pairs(found.factors()), found.factors().toArray()));
    return new Plot(
            String.format(
                Locale.ROOT,
                "Rescale factors for %,d tokens: start tokens n\u0302 = %d, attention factor a = %.4f",
                targetLength,
                found.startTokens(),
                found.attentionFactor()),
            "pair i (fast to slow rotation)",
            "rescale factor \u03bb",
            true)
        .png(curves);
  }

  private static double[] pairs(RescaleFactors factors) {
    return IntStream.range(0, factors.pairs()).asDoubleStream().toArray();
  }
}
