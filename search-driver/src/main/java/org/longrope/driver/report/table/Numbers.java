package org.longrope.driver.report.table;

import java.util.Locale;

/** Formats of numbers, the same in text, pages and tables. */
public final class Numbers {
  /** Sign for a value that is missing or not finite. */
  public static final String NONE = "–";

  private static final double SECONDS_PER_HOUR = 3600;
  private static final int SECONDS_PER_MINUTE = 60;
  private static final int HASH_DIGITS = 12;

  private Numbers() {}

  /**
   * Formats a perplexity with three decimals, or with fewer where the number is so large that they
   * would only widen a column.
   */
  public static String perplexity(double value) {
    if (!Double.isFinite(value)) {
      return NONE;
    }
    return String.format(
        Locale.ROOT, value < 1_000 ? "%,.3f" : value < 1e7 ? "%,.1f" : "%.3e", value);
  }

  public static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Returns a number with its noun: "1 document", "1,024 documents". */
  public static String counted(long number, String noun) {
    return count(number) + " " + noun + (number == 1 ? "" : "s");
  }

  /** Converts seconds to hours with three decimals. */
  public static String hours(double seconds) {
    return String.format(Locale.ROOT, "%,.3f", seconds / SECONDS_PER_HOUR);
  }

  /** Formats hours, minutes and seconds: 1:02:03. */
  public static String duration(double seconds) {
    long whole = Math.round(seconds);
    long minutes = whole / SECONDS_PER_MINUTE;
    return String.format(
        Locale.ROOT, "%d:%02d:%02d", minutes / 60, minutes % 60, whole % SECONDS_PER_MINUTE);
  }

  /** Returns the first digits of a hash. */
  public static String hash(String sha256) {
    return sha256.isEmpty() ? NONE : sha256.substring(0, Math.min(HASH_DIGITS, sha256.length()));
  }
}
