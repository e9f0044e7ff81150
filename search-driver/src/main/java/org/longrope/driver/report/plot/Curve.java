package org.longrope.driver.report.plot;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Line or points of a plot.
 *
 * @param name by which a method gets the same colour in all plots
 * @param label in the legend
 * @param style of line and marks
 * @param x one for each y
 * @param y a value that is not finite leaves a gap
 */
record Curve(String name, String label, CurveStyle style, double[] x, double[] y) {

  static Curve of(CurveStyle style, String name, double[] x, double[] y) {
    return new Curve(name, name, style, x, y);
  }

  /** Returns greatest over least x of all curves, which are above 0; 1 if there is none. */
  static double stretch(List<Curve> curves) {
    DoubleSummaryStatistics x =
        curves.stream().flatMapToDouble(c -> Arrays.stream(c.x)).summaryStatistics();
    return x.getCount() == 0 ? 1 : x.getMax() / x.getMin();
  }

  /** Returns the least x of all curves; 1 if there is none. */
  static double least(List<Curve> curves) {
    return curves.stream().flatMapToDouble(c -> Arrays.stream(c.x)).min().orElse(1);
  }

  /** Returns all finite values of curves. */
  static DoubleStream values(List<Curve> curves) {
    return curves.stream().flatMapToDouble(c -> Arrays.stream(c.y)).filter(Double::isFinite);
  }
}
