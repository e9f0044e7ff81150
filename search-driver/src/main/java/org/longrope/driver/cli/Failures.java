package org.longrope.driver.cli;

import ai.djl.engine.EngineException;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/** Sentences that report exceptions to the user. */
final class Failures {
  private static final int CAUSES = 20;

  private Failures() {}

  /**
   * Returns the bad input that caused a failure, also through Spark's wrappers; null if none did.
   */
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

  /** Returns one sentence without a stack trace. */
  static String sentence(Throwable failure) {
    BadInputException bad = badInput(failure);
    if (bad != null) {
      return String.valueOf(bad.getMessage());
    }
    Throwable root = root(failure);
    // libtorch puts the error last, after the stack of the program.
    String message =
        String.valueOf(root.getMessage())
            .lines()
            .filter(line -> !line.isBlank())
            .reduce((first, last) -> root instanceof EngineException ? last : first)
            .orElse("");
    // Our own state exceptions are sentences. Messages of others may need their type.
    String type =
        root instanceof IllegalStateException ? "" : root.getClass().getSimpleName() + ": ";
    return type + message + " (--verbose shows more)";
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    for (int depth = 0; depth < CAUSES; depth++) {
      Throwable cause = root.getCause();
      if (cause == null) {
        break;
      }
      root = cause;
    }
    return root;
  }
}
