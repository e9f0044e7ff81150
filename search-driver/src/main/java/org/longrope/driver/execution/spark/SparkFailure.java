package org.longrope.driver.execution.spark;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Cause of the exception that Spark ends a job with. */
public final class SparkFailure {
  /** Words before the failure after which a task cannot run on any remaining executor. */
  private static final String LAST_FAILURE = "Most recent failure:";

  private SparkFailure() {}

  /**
   * Returns the message of a failure of a kind; null if there is none. Spark quotes the last
   * failure in the text when it does not keep the exception.
   */
  public static @Nullable String message(
      Throwable failure, Class<? extends RuntimeException> kind) {
    Pattern quotation = Pattern.compile(Pattern.quote(kind.getName()) + ": ([^\n]*)");
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (kind.isInstance(cause)) {
        return cause.getMessage();
      }
      Matcher quoted = quotation.matcher(String.valueOf(cause.getMessage()));
      if (quoted.find()) {
        return quoted.group(1);
      }
    }
    return null;
  }

  /** Returns the last failure that Spark reports, in one line, without stack traces. */
  public static String reason(Throwable failure) {
    String text = String.valueOf(failure.getMessage());
    int last = text.indexOf(LAST_FAILURE);
    return (last < 0 ? text : text.substring(last + LAST_FAILURE.length()))
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .findFirst()
        .orElse("no reason given");
  }
}
