package org.longrope.driver.report.plot;

/** Scale of a horizontal axis. */
enum Axis {
  /** Whole numbers such as generations, pairs or steps, evenly spaced. */
  INDEX,

  /** Lengths in tokens, logarithmic. */
  LENGTH,

  /** Real numbers, evenly spaced. */
  VALUE
}
