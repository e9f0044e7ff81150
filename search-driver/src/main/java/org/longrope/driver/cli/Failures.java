package org.longrope.driver.cli;

import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** What a person is told of an exception. */
final class Failures {
  private static final int CAUSES = 20;

  private Failures() {}

  /** The bad input behind a failure, however deep Spark wrapped it; null if there is none. */
  static @Nullable BadInputException badInput(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < CAUSES; depth++) {
      if (cause instanceof BadInputException bad) {
        return bad;
      }
      cause = cause.getCause();
    }
    return null;
  }

  /** One sentence, without a stack trace. */
  static String sentence(Throwable failure) {
    BadInputException bad = badInput(failure);
    if (bad != null) {
      return String.valueOf(bad.getMessage());
    }
    Throwable root = failure;
    for (int depth = 0; root.getCause() != null && depth < CAUSES; depth++) {
      root = root.getCause();
    }
    String message = String.valueOf(root.getMessage()).lines().findFirst().orElse("");
    return root.getClass().getSimpleName() + ": " + message + " (--verbose shows more)";
  }
}
