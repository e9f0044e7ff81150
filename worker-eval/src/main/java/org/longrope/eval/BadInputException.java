package org.longrope.eval;

import com.google.errorprone.annotations.FormatMethod;

/**
 * Exception for input that cannot be used. The message is one sentence: what is wrong, where, what
 * was expected and how to fix it. The command line prints it alone and exits with 2.
 */
public final class BadInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadInputException(String message) {
    super(message);
  }

  public BadInputException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Returns the exception for a message in {@link String#format} notation. */
  @FormatMethod
  public static BadInputException of(String format, Object... arguments) {
    return new BadInputException(String.format(format, arguments));
  }
}
