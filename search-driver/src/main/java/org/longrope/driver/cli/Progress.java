package org.longrope.driver.cli;

import java.util.Locale;
import org.longrope.driver.execution.TasksInProgress;

/** Lines of progress on standard error; results go to standard output. */
final class Progress {
  private Progress() {}

  static void line(String format, Object... arguments) {
    System.err.println(String.format(Locale.ROOT, format, arguments));
  }

  /** Returns the end of a line about evaluations in progress. */
  static String text(TasksInProgress now) {
    return String.format(
        Locale.ROOT,
        "  %d running, %.0f %% done",
        now.evaluations(),
        100 * now.done() / now.evaluations());
  }

  static void warn(String sentence) {
    System.err.println("warning: " + sentence);
  }
}
