package org.longrope.driver.report.plot;

/** Way in which a {@link Curve} is drawn. */
enum CurveStyle {
  /** Result of a search: the strongest line of a plot, with a mark at each point. */
  FOUND,

  /** Thin, pale line of values around those of a stronger one. */
  SPREAD,

  /** Dashed line of a method, in the same colour in all plots. */
  BASELINE,

  /** Line with a mark at each point, in a colour of its own. */
  MEASURED,

  /** Line without marks, in a colour of its own. */
  STEPS,

  /** Thin line in the colour of the {@link #STEPS} before it, which sums up several of these. */
  SEED,

  /** Thin line that marks a place on an axis. */
  MARK,

  /** Many pale points without a line. */
  POINTS,

  /** Point of a method, in the same colour in all plots. */
  POINT,

  /** Point that stands out among others. */
  CHOSEN
}
