package org.longrope.driver.cli;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.hadoop.util.ShutdownHookManager;

/** Tells once that the process was told to end, by SIGTERM, Ctrl-C or a closed terminal. */
final class Interruption {
  private static final String SENTENCE =
      "longrope: Interrupted: 'longrope resume RUN' continues a search, the same command once"
          + " more with anything else.";

  private static final AtomicBoolean TOLD = new AtomicBoolean();

  private Interruption() {}

  /** Has the sentence told when this JVM ends before {@link #over}. */
  static void watch() {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> tell(System.err::println), "longrope-interruption"));
  }

  /** Says that the command is through: what ends the process from now on interrupts nothing. */
  static void over() {
    if (!isUnderWay()) {
      TOLD.set(true);
    }
  }

  /** Says if the JVM is ending. Spark ends with it, which is no failure of its own. */
  static boolean isUnderWay() {
    return ShutdownHookManager.get().isShutdownInProgress();
  }

  /** Tells the sentence, unless it has been told. */
  static void tell(Consumer<String> lines) {
    if (TOLD.compareAndSet(false, true)) {
      lines.accept(SENTENCE);
    }
  }
}
