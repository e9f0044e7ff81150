package org.longrope.driver.report.html;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers as the page shows them. */
final class Numbers {
  private static final double SECONDS_PER_HOUR = 3600;
  private static final int SECONDS_PER_MINUTE = 60;
  private static final int HASH_DIGITS = 12;

  private Numbers() {}

  /** Three decimals, fewer where they would only widen the column; a dash for no finite number. */
  static String perplexity(@Nullable Double value) {
    if (value == null || !Double.isFinite(value)) {
      return "–";
    }
    return String.format(
        Locale.ROOT, value < 1_000 ? "%,.3f" : value < 1e7 ? "%,.1f" : "%.3e", value);
  }

  static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String hours(double seconds) {
    return String.format(Locale.ROOT, "%,.3f", seconds / SECONDS_PER_HOUR);
  }

  /** Hours, minutes and seconds: 1:02:03. */
  static String duration(double seconds) {
    long whole = Math.round(seconds);
    long minutes = whole / SECONDS_PER_MINUTE;
    return String.format(
        Locale.ROOT, "%d:%02d:%02d", minutes / 60, minutes % 60, whole % SECONDS_PER_MINUTE);
  }

  static String factor(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** The first digits of a hash; a dash for none. */
  static String hash(String sha256) {
    return sha256.isEmpty() ? "–" : sha256.substring(0, Math.min(HASH_DIGITS, sha256.length()));
  }
}
