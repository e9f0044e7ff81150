package org.longrope.eval.decoder;

/** Exception of a forward pass whose {@link StopSignal} was raised. */
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoppedException(int layer) {
    super("stopped in layer " + layer);
  }
}
