package org.longrope.driver.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.hadoop.util.ShutdownHookManager;

/** Message, printed once, that SIGTERM, Ctrl-C or a closed terminal ended the process. */
final class Interruption {
  private static final String SENTENCE =
      "longrope: Interrupted: 'longrope resume RUN' resumes a search, the same command resumes"
          + " anything else.";

  private static final AtomicBoolean PRINTED = new AtomicBoolean();

  private Interruption() {}

  /** Registers the message for the case that this JVM ends before {@link #finish}. */
  static void watch() {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> print(System.err::println), "longrope-interruption"));
  }

  /** Marks the command as finished, so that the end of the process is no interruption. */
  static void finish() {
    if (!isUnderWay()) {
      PRINTED.set(true);
    }
  }

  /** Returns whether the JVM is ending. Spark ends with it, which is no failure of its own. */
  static boolean isUnderWay() {
    return ShutdownHookManager.get().isShutdownInProgress();
  }

  /** Prints the message unless it has been printed. */
  static void print(Consumer<String> lines) {
    if (PRINTED.compareAndSet(false, true)) {
      lines.accept(SENTENCE);
    }
  }
}
