package org.longrope.driver.run.replay;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.longrope.driver.execution.ExecutionFailure;
import org.longrope.driver.store.files.HadoopDirectory;

/**
 * Writes again and again what a full disk refuses, for as long as patience lasts: evaluations that
 * are done are worth more than the time.
 */
public final class RetryingWriter {
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final Duration patience;
  private final Consumer<String> warning;

  /**
   * @param warning told a sentence when a write has to wait
   */
  public RetryingWriter(Duration patience, Consumer<String> warning) {
    this.patience = patience;
    this.warning = warning;
  }

  /**
   * @throws ExecutionFailure when patience is over
   */
  public void write(Runnable write) {
    get(
        () -> {
          write.run();
          return true;
        });
  }

  /**
   * What a write gives back.
   *
   * @throws ExecutionFailure when patience is over
   */
  public <T> T get(Supplier<T> write) {
    long begin = System.nanoTime();
    Duration pause = FIRST_PAUSE;
    for (boolean warned = false; ; warned = true) {
      try {
        return write.get();
      } catch (UncheckedIOException e) {
        String sentence = HadoopDirectory.sentence(e);
        if (System.nanoTime() - begin > patience.toNanos()) {
          throw new ExecutionFailure(
              sentence + "; make room or mend the file system, and resume the run.");
        }
        if (!warned) {
          warning.accept(sentence + "; trying for " + patience.toSeconds() + " s.");
        }
        sleep(pause);
        // Each try of a journal leaves a file, though an empty one.
        pause =
            pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0
                ? pause.multipliedBy(2)
                : LONGEST_PAUSE;
      }
    }
  }

  private static void sleep(Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ExecutionFailure("The driver was interrupted");
    }
  }
}
