package org.longrope.driver.bench;

import java.util.Locale;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.decoder.AttentionWindow;
import org.longrope.eval.decoder.EvaluationCost;
import org.longrope.eval.decoder.ResidentModel;

/**
 * Memory and time of an evaluation before it is done: memory from the model's shape, time from the
 * FLOP rate of a short evaluation of the same model on the same device.
 */
public final class Forecast {
  /** Enough for large models, whose every second counts; too short to be exact. */
  private static final int SHORT_PROBE = 64;

  private static final double SHORT_SECONDS = 0.5;
  private static final int PROBE = 1024;
  private static final int PROBES = 3;

  private final ResidentModel model;
  private final AttentionWindow window;
  private final boolean gpu;
  private final double flopPerSecond;

  /**
   * Measures the model's rate: of a model that takes its time on few tokens with these, else the
   * best of three evaluations of more.
   */
  public Forecast(ResidentModel model, AttentionWindow window, boolean gpu) {
    this.model = model;
    this.window = window;
    this.gpu = gpu;
    RandomTokens.evaluate(model, SHORT_PROBE);
    double best = RandomTokens.evaluate(model, SHORT_PROBE);
    int probe = SHORT_PROBE;
    if (best < SHORT_SECONDS) {
      RandomTokens.evaluate(model, PROBE);
      best = Double.POSITIVE_INFINITY;
      for (int i = 0; i < PROBES; i++) {
        best = Math.min(best, RandomTokens.evaluate(model, PROBE));
      }
      probe = PROBE;
    }
    flopPerSecond = cost(probe).flop() / best;
  }

  public EvaluationCost cost(int length) {
    DType type = DType.valueOf(model.computeType().toUpperCase(Locale.ROOT));
    return EvaluationCost.of(model.config(), window, type, gpu, length);
  }

  /** Of one evaluation of that many tokens. */
  public double seconds(int length) {
    return cost(length).flop() / flopPerSecond;
  }

  /** What one evaluation of random tokens really takes. */
  public double measure(int length) {
    return RandomTokens.evaluate(model, length);
  }
}
