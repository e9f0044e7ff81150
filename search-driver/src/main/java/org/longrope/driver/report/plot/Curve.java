package org.longrope.driver.report.plot;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * One line of a plot.
 *
 * @param name by which a baseline gets the same colour in all plots
 * @param label in the legend
 * @param role how it is drawn
 * @param x one for each y
 * @param y a value that is not finite leaves a gap
 */
record Curve(String name, String label, Role role, double[] x, double[] y) {
  enum Role {
    FOUND,
    SPREAD,
    BASELINE,
    MEASURED,

    /** As measured, without a mark at each point: they are too many. */
    STEPS,

    /** One of those that the curve before it sums up, in its colour, thin. */
    SEED,

    /** Many, with nothing between them. */
    POINTS,

    /** A baseline that is no line. */
    POINT,

    /** One point among others, for the eye to find. */
    CHOSEN
  }

  static Curve found(String name, double[] x, double[] y) {
    return new Curve(name, name, Role.FOUND, x, y);
  }

  static Curve spread(String name, double[] x, double[] y) {
    return new Curve(name, name, Role.SPREAD, x, y);
  }

  static Curve baseline(String name, String label, double[] x, double[] y) {
    return new Curve(name, label, Role.BASELINE, x, y);
  }

  static Curve measured(String name, double[] x, double[] y) {
    return new Curve(name, name, Role.MEASURED, x, y);
  }

  static Curve steps(String name, double[] x, double[] y) {
    return new Curve(name, name, Role.STEPS, x, y);
  }

  static Curve seed(String name, double[] x, double[] y) {
    return new Curve(name, name, Role.SEED, x, y);
  }

  static Curve points(String name, double[] x, double[] y) {
    return new Curve(name, name, Role.POINTS, x, y);
  }

  static Curve point(String name, String label, double[] x, double[] y) {
    return new Curve(name, label, Role.POINT, x, y);
  }

  static Curve chosen(String name, double[] x, double[] y) {
    return new Curve(name, name, Role.CHOSEN, x, y);
  }

  /** Greatest over least x of all curves, which are above 0; 1 if there is none. */
  static double stretch(List<Curve> curves) {
    DoubleSummaryStatistics x =
        curves.stream().flatMapToDouble(c -> Arrays.stream(c.x)).summaryStatistics();
    return x.getCount() == 0 ? 1 : x.getMax() / x.getMin();
  }

  /** Of all curves the least x; 1 if there is none. */
  static double least(List<Curve> curves) {
    return curves.stream().flatMapToDouble(c -> Arrays.stream(c.x)).min().orElse(1);
  }

  /** Highest over lowest finite value of all curves; 1 if there is none. */
  static double spread(List<Curve> curves) {
    return values(curves).max().orElse(1) / values(curves).min().orElse(1);
  }

  static DoubleStream values(List<Curve> curves) {
    return curves.stream().flatMapToDouble(c -> Arrays.stream(c.y)).filter(Double::isFinite);
  }
}
