package org.longrope.driver.cli;

import ai.djl.engine.EngineException;
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
    Throwable root = root(failure);
    // libtorch puts what went wrong last, after the program's own stack.
    String message =
        String.valueOf(root.getMessage())
            .lines()
            .filter(line -> !line.isBlank())
            .reduce((first, last) -> root instanceof EngineException ? last : first)
            .orElse("");
    // Our own state exceptions are sentences; of others the type says what the message may not.
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
