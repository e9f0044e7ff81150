package org.longrope.driver.lab.bench;

import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.GradientMemory;
import org.longrope.eval.decoder.ResidentModel;

/**
 * Memory and time of an evaluation before it is done: memory from the model's shape, time from the
 * FLOP rate of shorter evaluations of the same model on the same device.
 */
public final class Forecast {
  /** Tokens of an evaluation that is measured: the first of these numbers that takes its time. */
  private static final int[] LENGTHS = {64, 256, 1024};

  /** Shortest evaluation whose rate holds for longer ones. */
  private static final double ENOUGH_SECONDS = 0.5;

  /** Number of measurements. Other processes only slow one down, so the best counts. */
  private static final int MEASUREMENTS = 5;

  /** Time after which two measurements are enough. */
  private static final double PATIENCE_SECONDS = 10;

  private final ResidentModel model;
  private final AttentionWindow window;
  private final boolean gpu;
  private final IntToDoubleFunction clock;
  private final IntToDoubleFunction gradientClock;
  private final double flopPerSecond;
  private int measuredTokens;
  private int measurements;

  /** Measures the model's rate. */
  public Forecast(ResidentModel model, AttentionWindow window, boolean gpu) {
    this(
        model,
        window,
        gpu,
        length -> RandomTokens.evaluate(model, length).seconds(),
        length -> RandomTokens.gradient(model, length).seconds());
  }

  /**
   * Measures the model's rate.
   *
   * @param clock evaluates a number of tokens and returns the seconds that it took
   * @param gradientClock does so with the gradient
   */
  Forecast(
      ResidentModel model,
      AttentionWindow window,
      boolean gpu,
      IntToDoubleFunction clock,
      IntToDoubleFunction gradientClock) {
    this.model = model;
    this.window = window;
    this.gpu = gpu;
    this.clock = clock;
    this.gradientClock = gradientClock;
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

  /**
   * Returns the bytes of one gradient in addition to the weights, if nothing spills to the host.
   */
  public long gradientBytes(int length) {
    DType type = DType.valueOf(model.computeType().toUpperCase(Locale.ROOT));
    return cost(length).passBytes()
        + GradientMemory.of(model.config(), type, gpu, length).bytes(model.config().layerCount());
  }

  /** Returns the estimated seconds of one evaluation. */
  public double seconds(int length) {
    return cost(length).flop() / flopPerSecond;
  }

  /**
   * Measures the time of a gradient over that of the evaluation without, at the measured tokens.
   */
  public double gradientCost() {
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < 2; i++) {
      best = Math.min(best, gradientClock.applyAsDouble(measuredTokens));
    }
    return best / seconds(measuredTokens);
  }

  /** Returns the tokens of the evaluations by which the rate was measured. */
  public int measuredTokens() {
    return measuredTokens;
  }

  /** Returns the number of measured evaluations, of which the best counts. */
  public int measurements() {
    return measurements;
  }

  /** Measures the seconds of one evaluation of random tokens. */
  public double measure(int length) {
    return clock.applyAsDouble(length);
  }
}
