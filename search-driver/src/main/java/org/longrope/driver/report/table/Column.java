package org.longrope.driver.report.table;

/**
 * Column of a {@link Table}.
 *
 * @param name at its head
 * @param key its name in CSV
 * @param width least width in text, characters
 * @param best where its least value stands out
 */
public record Column(String name, String key, ColumnType type, int width, Best best) {
  /** Places where the least value of a column is marked. */
  enum Best {
    NOWHERE,
    IN_HTML,
    EVERYWHERE
  }

  public static Column of(String name, ColumnType type) {
    return new Column(name, name, type, 0, Best.NOWHERE);
  }

  public static Column text(String name) {
    return of(name, ColumnType.TEXT);
  }

  public static Column count(String name) {
    return of(name, ColumnType.COUNT);
  }

  public static Column perplexity(String name) {
    return of(name, ColumnType.PERPLEXITY);
  }

  public static Column decimals(String name, int decimals) {
    return of(name, ColumnType.decimals(decimals));
  }

  public Column withKey(String other) {
    return new Column(name, other, type, width, best);
  }

  /** Makes the column at least so wide in text. */
  public Column withWidth(int characters) {
    return new Column(name, key, type, characters, best);
  }

  /** Marks the least value: bold in HTML, with a star in text. */
  public Column withBest() {
    return new Column(name, key, type, width, Best.EVERYWHERE);
  }

  /** Marks the least value in HTML alone. */
  public Column withBestInHtml() {
    return new Column(name, key, type, width, Best.IN_HTML);
  }
}
