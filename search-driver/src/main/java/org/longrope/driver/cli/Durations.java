package org.longrope.driver.cli;

import java.util.Locale;

/** Texts of durations: 8 s, 4 min, 3 h 20 min. */
final class Durations {
  private static final long MINUTE = 60;
  private static final long HOUR = 3600;

  private Durations() {}

  /** Returns the text of a duration, in its two largest units at most. */
  static String text(double seconds) {
    long whole = Math.round(seconds);
    if (whole < 2 * MINUTE) {
      return whole + " s";
    }
    if (whole < 2 * HOUR) {
      return Math.round(seconds / MINUTE) + " min";
    }
    return String.format(Locale.ROOT, "%d h %d min", whole / HOUR, whole % HOUR / MINUTE);
  }
}
