package org.longrope.driver.report.table;

/** Text of HTML pages. */
public final class Html {
  private Html() {}

  /** Escapes plain text for an element or an attribute. */
  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
