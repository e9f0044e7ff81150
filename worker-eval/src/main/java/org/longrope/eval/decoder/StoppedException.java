package org.longrope.eval.decoder;

/** A forward pass was left because its {@link StopSignal} was raised. */
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  StoppedException(int layer) {
    super("stopped in layer " + layer);
  }
}
