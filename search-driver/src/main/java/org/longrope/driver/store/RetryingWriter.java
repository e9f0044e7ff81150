package org.longrope.driver.store;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.store.files.HadoopDirectory;
import org.longrope.driver.store.files.Retry;

/**
 * Writes that are repeated for a timeout while a disk is full: finished evaluations are worth more
 * than the time.
 */
public final class RetryingWriter {
  // Each attempt of a journal leaves a file, though an empty one: the pauses grow.
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final Retry retry;
  private final Consumer<String> warning;

  /**
   * Creates a writer.
   *
   * @param warning receives a sentence when a write has to wait
   */
  public RetryingWriter(Duration timeout, Consumer<String> warning) {
    retry = new Retry(FIRST_PAUSE, LONGEST_PAUSE, timeout);
    this.warning = warning;
  }

  /**
   * Writes.
   *
   * @throws ExecutionFailure when the timeout is over
   */
  public void write(Runnable write) {
    get(
        () -> {
          write.run();
          return true;
        });
  }

  /**
   * Writes and returns the result.
   *
   * @throws ExecutionFailure when the timeout is over
   */
  public <T> T get(Supplier<T> write) {
    try {
      return retry.call(write, UncheckedIOException.class, this::warn);
    } catch (UncheckedIOException e) {
      throw new ExecutionFailure(
          HadoopDirectory.sentence(e)
              + "; make room or repair the file system, and resume the run.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExecutionFailure("The driver was interrupted");
    }
  }

  private void warn(UncheckedIOException failure) {
    warning.accept(
        HadoopDirectory.sentence(failure) + "; trying for " + retry.timeout().toSeconds() + " s.");
  }
}
