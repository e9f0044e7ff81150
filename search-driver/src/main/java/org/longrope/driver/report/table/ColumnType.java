package org.longrope.driver.report.table;

import java.util.Locale;
import java.util.function.Function;

/**
 * Alignment and number format of a column. Words stand to the left, numbers to the right.
 *
 * @param isNumber whether the column is aligned to the right
 * @param isCode whether HTML shows the values in one width and may break them anywhere
 * @param format of a value that is neither a string nor missing
 */
public record ColumnType(boolean isNumber, boolean isCode, Function<Object, String> format) {
  public static final ColumnType TEXT = new ColumnType(false, false, String::valueOf);
  public static final ColumnType CODE = new ColumnType(false, true, String::valueOf);

  /** Whole numbers without separators. */
  public static final ColumnType INTEGER = new ColumnType(true, false, String::valueOf);

  /** Whole numbers with separators: 1,024. */
  public static final ColumnType COUNT = number("%,d");

  public static final ColumnType PERPLEXITY =
      new ColumnType(true, false, value -> Numbers.perplexity(((Number) value).doubleValue()));

  /** Seconds, shown as hours. */
  public static final ColumnType HOURS =
      new ColumnType(true, false, value -> Numbers.hours(((Number) value).doubleValue()));

  /** Numbers in a format of {@link String#format}. */
  public static ColumnType number(String format) {
    return new ColumnType(true, false, value -> String.format(Locale.ROOT, format, value));
  }

  /** Real numbers with separators and so many decimals. */
  public static ColumnType decimals(int decimals) {
    return number("%,." + decimals + "f");
  }
}
