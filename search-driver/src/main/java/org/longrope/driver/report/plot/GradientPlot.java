package org.longrope.driver.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Norm of the gradient by step: it shows whether a descent has come to rest. */
public final class GradientPlot {
  private GradientPlot() {}

  /**
   * Draws the plot.
   *
   * @param byFactors norm by the factors and the attention factor, one a step
   * @param byQueryScales norm by the query scales, one a step; all 0 without them
   * @return a PNG of 1200 × 750 pixels
   * @throws IllegalArgumentException if there is no step
   */
  public static byte[] png(double[] byFactors, double[] byQueryScales) {
    if (byFactors.length == 0) {
      throw new IllegalArgumentException("Cannot plot gradients: there is no step yet");
    }
    double[] x = IntStream.rangeClosed(1, byFactors.length).asDoubleStream().toArray();
    List<Curve> curves = new ArrayList<>();
    curves.add(Curve.of(CurveStyle.FOUND, "factors and attention factor", x, byFactors));
    if (Arrays.stream(byQueryScales).anyMatch(norm -> norm > 0)) {
      curves.add(Curve.of(CurveStyle.SPREAD, "query scales", x, byQueryScales));
    }
    return new Plot(
            "Gradient of each step", "step", "norm of the slope of ln perplexity", Axis.INDEX)
        .png(curves);
  }
}
