package org.longrope.driver.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.longrope.driver.execution.ExecutorListener;
import org.longrope.driver.execution.TasksInProgress;

/** A line for every evaluation, and one every ten seconds while one takes longer. */
final class PerplexityProgress implements BiConsumer<Integer, Integer>, ExecutorListener {
  private static final Duration QUIET = Duration.ofSeconds(10);

  private final int before;
  private final int total;
  private final PacedProgress progress;
  private int done;
  private TasksInProgress underWay = TasksInProgress.NONE;

  /**
   * @param before evaluations that were done before this process
   * @param total evaluations, those before included
   * @param nanoTime the clock, nanoseconds
   */
  PerplexityProgress(int before, int total, LongSupplier nanoTime) {
    this.before = before;
    this.total = total;
    progress = new PacedProgress(QUIET, nanoTime);
    done = before;
  }

  @Override
  public synchronized void accept(Integer evaluations, Integer of) {
    done = evaluations;
    underWay = underWay.withoutOne();
    say("", true);
  }

  @Override
  public synchronized void waiting(TasksInProgress now) {
    underWay = now;
    if (now.done() > 0) {
      say(Progress.text(now), false);
    }
  }

  private void say(String more, boolean always) {
    String line = String.format(Locale.ROOT, "%d/%d evaluations%s", done, total, more);
    progress.say(line, done - before + underWay.done(), total - before, always);
  }

  @Override
  public void warning(String sentence) {
    ClusterMessages.INSTANCE.warning(sentence);
  }

  @Override
  public void modelLoaded(double seconds) {}
}
