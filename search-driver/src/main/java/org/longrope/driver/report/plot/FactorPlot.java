package org.longrope.driver.report.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.longrope.driver.report.table.Numbers;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Rescale factors λ_i by pair of dimensions: those that were found and those of the baselines. Each
 * pair is labelled with the wavelength of its rotation, and a line marks the critical dimension,
 * where the wavelength is the original window: slower pairs never made a whole turn in training.
 */
public final class FactorPlot {
  /** Pixels of a pair and a wavelength of a million tokens. */
  private static final int LABEL_WIDTH = 90;

  private FactorPlot() {}

  /**
   * Draws the plot.
   *
   * @param found factors of the search
   * @param baselines factors by method name, drawn in the map's order
   * @param rope of the model
   * @param targetLength tokens the factors are for
   * @return a PNG of 1200 × 750 pixels
   */
  public static byte[] png(
      Rescaling found, Map<String, RescaleFactors> baselines, RopeGeometry rope, int targetLength) {
    List<Curve> curves = new ArrayList<>();
    baselines.forEach((name, factors) -> curves.add(curve(CurveStyle.BASELINE, name, factors)));
    curves.add(curve(CurveStyle.FOUND, "found", found.factors()));
    double critical = rope.pairTurning(1);
    if (critical > 0 && critical < rope.pairs() - 1) {
      double[] values = Curve.values(curves).sorted().toArray();
      curves.add(
          Curve.of(
              CurveStyle.MARK,
              "critical dimension:\nwavelength "
                  + Numbers.count(rope.originalWindow())
                  + ",\nthe original window",
              new double[] {critical, critical},
              new double[] {values[0], values[values.length - 1]}));
    }
    return new Plot(
            String.format(
                Locale.ROOT,
                "Rescale factors for %,d tokens: start tokens n\u0302 = %d, attention factor a ="
                    + " %.4f",
                targetLength,
                found.startTokens(),
                found.attentionFactor()),
            "pair i \u00b7 wavelength of its rotation in tokens",
            "rescale factor \u03bb",
            Axis.INDEX)
        .labels(pair -> label(pair, rope), LABEL_WIDTH)
        .png(curves);
  }

  private static String label(double pair, RopeGeometry rope) {
    double tokens = 2 * Math.PI * Math.pow(rope.base(), 2 * pair / rope.rotaryDimension());
    return String.format(
        Locale.ROOT, tokens < 100 ? "%.0f \u00b7 %.1f" : "%.0f \u00b7 %,.0f", pair, tokens);
  }

  private static Curve curve(CurveStyle style, String name, RescaleFactors factors) {
    double[] pairs = IntStream.range(0, factors.pairs()).asDoubleStream().toArray();
    return Curve.of(style, name, pairs, factors.toArray());
  }
}
