package org.longrope.eval.decoder;

import java.util.function.BooleanSupplier;
import java.util.function.DoubleConsumer;

/**
 * Signal by which the caller of a computation stops it and follows its progress. The thread that
 * computes a part of a layer asks before each part.
 */
@FunctionalInterface
public interface StopSignal {
  /** Signal that stops nothing. */
  StopSignal NEVER = () -> false;

  /** Returns whether the computation must stop. */
  boolean raised();

  /**
   * Receives the progress, on the thread that called the computation.
   *
   * @param done share of the work that is done, 0 … 1
   */
  default void progress(double done) {}

  /**
   * Returns a signal that passes progress on.
   *
   * @param progress takes the share of the work that is done, 0 … 1
   */
  static StopSignal of(BooleanSupplier raised, DoubleConsumer progress) {
    return new StopSignal() {
      @Override
      public boolean raised() {
        return raised.getAsBoolean();
      }

      @Override
      public void progress(double done) {
        progress.accept(done);
      }
    };
  }

  /** Returns this signal with a further condition that raises it. */
  default StopSignal or(BooleanSupplier condition) {
    return of(() -> condition.getAsBoolean() || raised(), this::progress);
  }

  /**
   * Returns the signal for a part of the work.
   *
   * @param from share of the whole work that is done before the part
   * @param to share of the whole work that is done after it
   */
  default StopSignal part(double from, double to) {
    return of(this::raised, done -> progress(from + (to - from) * done));
  }
}
