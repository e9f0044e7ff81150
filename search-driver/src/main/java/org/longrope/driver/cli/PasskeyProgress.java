package org.longrope.driver.cli;

import java.util.List;
import java.util.function.Consumer;
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

  private final ModelConfig config;
  private final AttentionWindow window;
  private final int trials;
  private final double flop;
  private final long start = System.nanoTime();
  private int trialsDone;
  private double flopDone;
  private double lastLine = Double.NEGATIVE_INFINITY;

  /**
   * @param open trials that are to be asked
   * @param answered how many have been answered before
   */
  PasskeyProgress(
      ModelConfig config, AttentionWindow window, List<PasskeyTrial> open, int answered) {
    this.config = config;
    this.window = window;
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
    double seconds = (System.nanoTime() - start) * 1e-9;
    if (trialsDone == trials) {
      Progress.line("%d/%d trials in %s", trialsDone, trials, Durations.text(seconds));
    } else if (seconds - lastLine >= QUIET_SECONDS) {
      lastLine = seconds;
      Progress.line(
          "%d/%d trials  length %,d  ETA %s",
          trialsDone,
          trials,
          trial.length(),
          Durations.text(seconds * (flop - flopDone) / flopDone));
    }
  }
}
