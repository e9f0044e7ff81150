package org.longrope.datasets;

/** Exception that ends the reading of one row; its source turns it into a {@link SourceRow.Bad}. */
final class BadRowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadRowException(String message) {
    super(message);
  }
}
