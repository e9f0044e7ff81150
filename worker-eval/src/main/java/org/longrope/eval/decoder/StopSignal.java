package org.longrope.eval.decoder;

/** Says whether an answer is still wanted; asked before each part of a layer. */
@FunctionalInterface
public interface StopSignal {
  StopSignal NEVER = () -> false;

  boolean raised();
}
