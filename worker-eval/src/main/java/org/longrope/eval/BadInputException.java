package org.longrope.eval;

import com.google.errorprone.annotations.FormatMethod;

/**
 * Something the user gave cannot be used. The message is one sentence that says what, where, what
 * was expected and how to mend it; the command line prints it alone and exits with 2.
 */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadInputException(String message) {
    super(message);
  }

  public BadInputException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The exception for a message in {@link String#format} notation. */
  @FormatMethod
  public static BadInputException of(String format, Object... arguments) {
    return new BadInputException(String.format(format, arguments));
  }
}
