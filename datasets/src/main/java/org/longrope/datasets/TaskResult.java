package org.longrope.datasets;

import java.io.IOException;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.BadInputException;

/**
 * Value of a task, or the sentence about the bad input that prevented it. Bad input is a value
 * because a file fails the same way each time: an exception would be retried, and logged with its
 * stack on every executor.
 */
record TaskResult<T>(@Nullable T value, @Nullable String failure) implements Serializable {
  /** Part of a task that reads or writes files. */
  interface Work<T> {
    T run() throws IOException;
  }

  static <T> TaskResult<T> of(T value) {
    return new TaskResult<>(value, null);
  }

  static <T> TaskResult<T> failed(String sentence) {
    return new TaskResult<>(null, sentence);
  }

  /**
   * Runs a task that reads or writes files.
   *
   * @param what begins the sentence if the file system fails: "Cannot read FILE"
   */
  static <T> TaskResult<T> attempt(String what, Work<T> work) {
    try {
      return of(work.run());
    } catch (BadInputException e) {
      return failed(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return failed(what + ": " + reason(e) + ".");
    }
  }

  /** Returns an I/O failure in words: Hadoop's messages often are a path only. */
  static String reason(IOException failure) {
    String message = failure.getMessage();
    String kind = failure.getClass().getSimpleName();
    return message == null ? kind : kind + ", " + message.lines().findFirst().orElse("");
  }

  /**
   * Returns the value.
   *
   * @throws BadInputException if the task met bad input
   */
  T orThrow() {
    if (value == null) {
      throw new BadInputException(String.valueOf(failure));
    }
    return value;
  }
}
