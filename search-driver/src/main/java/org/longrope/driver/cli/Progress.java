package org.longrope.driver.cli;

import java.util.Locale;

/** Lines of progress on standard error; results go to standard output. */
final class Progress {
  private Progress() {}

  static void line(String format, Object... arguments) {
    System.err.println(String.format(Locale.ROOT, format, arguments));
  }

  static void warn(String sentence) {
    System.err.println("warning: " + sentence);
  }
}
