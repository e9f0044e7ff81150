package org.longrope.driver.cli;

import java.util.function.Consumer;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.checkpoint.ModelConfig;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.passkey.PasskeyGrid;
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
  private double lastLine;

  PasskeyProgress(ModelConfig config, AttentionWindow window, PasskeyGrid grid) {
    this.config = config;
    this.window = window;
    int perLength = grid.depths() * grid.trials();
    trials = perLength * grid.lengths().size();
    flop = perLength * grid.lengths().stream().mapToDouble(this::flop).sum();
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
    } else if (trialsDone == 1 || seconds - lastLine >= QUIET_SECONDS) {
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
