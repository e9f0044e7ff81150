package org.longrope.driver.store.files;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Repetition of an action until it succeeds or a time is over.
 *
 * @param pause before the second attempt; doubles before each further one
 * @param longestPause bound of the pauses
 * @param timeout after the first attempt, from which on no further one is made
 */
public record Retry(Duration pause, Duration longestPause, Duration timeout) {
  /** Condition that is looked at until it holds. */
  @FunctionalInterface
  public interface Condition<X extends Exception> {
    boolean holds() throws X;
  }

  /** Makes attempts at equal intervals. */
  public static Retry every(Duration pause, Duration timeout) {
    return new Retry(pause, pause, timeout);
  }

  /**
   * Waits for a condition.
   *
   * @return false if it does not hold when the time is over
   */
  public <X extends Exception> boolean until(Condition<X> condition)
      throws X, InterruptedException {
    Clock clock = new Clock();
    while (!condition.holds()) {
      if (clock.isOver()) {
        return false;
      }
      clock.pause();
    }
    return true;
  }

  /**
   * Returns the result of an action.
   *
   * @param failure type of the failures after which the action is repeated
   * @param first receives the first failure
   * @throws X the last failure, when the time is over
   */
  public <T, X extends RuntimeException> T call(
      Supplier<T> action, Class<X> failure, Consumer<X> first) throws InterruptedException {
    Clock clock = new Clock();
    for (boolean failed = false; ; failed = true) {
      try {
        return action.get();
      } catch (RuntimeException e) {
        if (!failure.isInstance(e) || clock.isOver()) {
          throw e;
        }
        if (!failed) {
          first.accept(failure.cast(e));
        }
        clock.pause();
      }
    }
  }

  private final class Clock {
    private final long begin = System.nanoTime();
    private Duration next = pause;

    boolean isOver() {
      return System.nanoTime() - begin > timeout.toNanos();
    }

    void pause() throws InterruptedException {
      Thread.sleep(next.toMillis());
      Duration doubled = next.multipliedBy(2);
      next = doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
    }
  }
}
