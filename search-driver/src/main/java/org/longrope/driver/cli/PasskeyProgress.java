package org.longrope.driver.cli;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.longrope.driver.execution.TasksInProgress;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.passkey.PasskeyTrial;

/**
 * A line every few seconds and at the end. What is to come is reckoned by its floating-point
 * operations: the longest trials take nearly all the time.
 */
final class PasskeyProgress implements Consumer<PasskeyTrial> {
  private static final double QUIET_SECONDS = 5;
  private static final double LONG_SECONDS = 10;

  private final ModelConfig config;
  private final AttentionWindow window;
  private final int trials;
  private final double flop;
  private final List<PasskeyTrial> open;
  private final int before;
  private final LongSupplier nanoTime;
  private final long start;
  private int trialsDone;
  private double flopDone;
  private double lastLine = Double.NEGATIVE_INFINITY;

  /**
   * @param open trials that are to be asked
   * @param answered how many have been answered before
   * @param nanoTime the clock, nanoseconds
   */
  PasskeyProgress(
      ModelConfig config,
      AttentionWindow window,
      List<PasskeyTrial> open,
      int answered,
      LongSupplier nanoTime) {
    this.config = config;
    this.window = window;
    this.open = List.copyOf(open);
    this.nanoTime = nanoTime;
    before = answered;
    start = nanoTime.getAsLong();
    trials = answered + open.size();
    trialsDone = answered;
    flop = open.stream().mapToDouble(trial -> flop(trial.length())).sum();
  }

  private double flop(int length) {
    return EvaluationCost.of(config, window, DType.F32, false, length).flop();
  }

  @Override
  public void accept(PasskeyTrial trial) {
    trialsDone++;
    flopDone += flop(trial.length());
    double seconds = seconds();
    if (trialsDone == trials) {
      Progress.line("%d/%d trials in %s", trialsDone, trials, Durations.text(seconds));
    } else if (seconds - lastLine >= QUIET_SECONDS) {
      lastLine = seconds;
      Progress.line(
          "%d/%d trials  length %,d  ETA %s", trialsDone, trials, trial.length(), eta(flopDone));
    }
  }

  /**
   * Tells of a trial that takes long. Trials are asked in their order.
   *
   * @param share of it that is done, 0 … 1
   */
  void answering(double share) {
    double seconds = seconds();
    if (share > 0 && seconds - Math.max(lastLine, 0) >= LONG_SECONDS) {
      lastLine = seconds;
      int length = open.get(trialsDone - before).length();
      Progress.line(
          "%d/%d trials  length %,d%s  ETA %s",
          trialsDone,
          trials,
          length,
          Progress.text(new TasksInProgress(1, share)),
          eta(flopDone + share * flop(length)));
    }
  }

  private String eta(double done) {
    return Durations.text(seconds() * (flop - done) / done);
  }

  private double seconds() {
    return (nanoTime.getAsLong() - start) * 1e-9;
  }
}
