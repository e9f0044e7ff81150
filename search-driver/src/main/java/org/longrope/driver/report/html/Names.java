package org.longrope.driver.report.html;

/** Paths as people read them and as a shell does. */
final class Names {
  private Names() {}

  /** Returns the last part of a path. */
  static String last(String path) {
    String whole = path.replaceAll("/+$", "");
    return whole.substring(whole.lastIndexOf('/') + 1);
  }

  /** Returns a word of a command line, quoted where a shell would split it. */
  static String quoted(String word) {
    return word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
