package org.longrope.driver.lab.bench;

import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.ResidentModel;

/**
 * Memory and time of an evaluation before it is done: memory from the model's shape, time from the
 * FLOP rate of shorter evaluations of the same model on the same device.
 */
public final class Forecast {
  /** Tokens of an evaluation that is measured: the first of these numbers that takes its time. */
  private static final int[] LENGTHS = {64, 256, 1024};

  /** The least that an evaluation must take for its rate to be that of a longer one. */
  private static final double ENOUGH_SECONDS = 0.5;

  /** Other processes only ever slow one down: the best of several is nearest to the truth. */
  private static final int MEASUREMENTS = 5;

  /** After which two measurements have to do. */
  private static final double PATIENCE_SECONDS = 10;

  private final ResidentModel model;
  private final AttentionWindow window;
  private final boolean gpu;
  private final IntToDoubleFunction clock;
  private final double flopPerSecond;
  private int measuredTokens;
  private int measurements;

  /** Measures the model's rate. */
  public Forecast(ResidentModel model, AttentionWindow window, boolean gpu) {
    this(model, window, gpu, length -> RandomTokens.evaluate(model, length));
  }

  /**
   * @param clock evaluates so many tokens and returns the seconds that it took
   */
  Forecast(ResidentModel model, AttentionWindow window, boolean gpu, IntToDoubleFunction clock) {
    this.model = model;
    this.window = window;
    this.gpu = gpu;
    this.clock = clock;
    double best = 0;
    for (int i = 0; i < LENGTHS.length && best < ENOUGH_SECONDS; i++) {
      best = best(LENGTHS[i]);
    }
    flopPerSecond = cost(measuredTokens).flop() / best;
  }

  private double best(int length) {
    measuredTokens = length;
    measurements = 0;
    // The first one of a length prepares the others, and is the longest.
    double total = clock.applyAsDouble(length);
    double best = Double.POSITIVE_INFINITY;
    while (measurements < 2 || (measurements < MEASUREMENTS && total < PATIENCE_SECONDS)) {
      double seconds = clock.applyAsDouble(length);
      best = Math.min(best, seconds);
      total += seconds;
      measurements++;
    }
    return best;
  }

  public EvaluationCost cost(int length) {
    DType type = DType.valueOf(model.computeType().toUpperCase(Locale.ROOT));
    return EvaluationCost.of(model.config(), window, type, gpu, length);
  }

  /** Of one evaluation of that many tokens. */
  public double seconds(int length) {
    return cost(length).flop() / flopPerSecond;
  }

  /** Tokens of the evaluations that the rate was measured with. */
  public int measuredTokens() {
    return measuredTokens;
  }

  /** Evaluations that were measured, of which the best counts. */
  public int measurements() {
    return measurements;
  }

  /** What one evaluation of random tokens really takes. */
  public double measure(int length) {
    return clock.applyAsDouble(length);
  }
}
