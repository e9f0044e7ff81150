package org.longrope.driver.report.html;

/** Paths as people read them and as a shell does. */
final class Names {
  private Names() {}

  /** The last part of a path. */
  static String last(String path) {
    String whole = path.replaceAll("/+$", "");
    return whole.substring(whole.lastIndexOf('/') + 1);
  }

  /** A word of a command line, quoted where a shell would take it apart. */
  static String quoted(String word) {
    return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
