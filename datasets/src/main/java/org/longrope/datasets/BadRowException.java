package org.longrope.datasets;

/** Ends the reading of one row; its source makes a {@link SourceRow.Bad} of it. */
final class BadRowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadRowException(String message) {
    super(message);
  }
}
