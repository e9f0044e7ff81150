package org.longrope.driver.report.plot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Loss of a training by step: every step, and means of several that show the trend. */
public final class TrainingPlot {
  /** Number of means; more would show the noise again. */
  private static final int MEANS = 20;

  private TrainingPlot() {}

  /**
   * Draws the plot.
   *
   * @param losses of the steps from the first, in nats; one or more
   * @return a PNG of 1200 × 750 pixels
   * @throws IllegalArgumentException if there is no step
   */
  public static byte[] png(double[] losses) {
    if (losses.length == 0) {
      throw new IllegalArgumentException("Cannot plot a training: there is no step yet");
    }
    int steps = losses.length;
    int block = (steps + MEANS - 1) / MEANS;
    List<Curve> curves = new ArrayList<>();
    if (block > 1) {
      double[] each = new double[steps];
      Arrays.setAll(each, i -> i + 1);
      curves.add(Curve.of(CurveStyle.SPREAD, "loss of each step", each, losses));
    }
    int blocks = steps / block;
    double[] middles = new double[blocks];
    double[] means = new double[blocks];
    for (int b = 0; b < blocks; b++) {
      // A short last block would show noise where one looks first.
      int end = b + 1 == blocks ? steps : (b + 1) * block;
      middles[b] = (b * block + 1 + end) / 2.0;
      means[b] = Arrays.stream(losses, b * block, end).average().orElseThrow();
    }
    curves.add(
        Curve.of(
            CurveStyle.FOUND,
            block > 1 ? "mean of about " + block + " steps" : "loss",
            middles,
            means));
    return new Plot("Training loss", "step", "loss in nats per token", Axis.INDEX).png(curves);
  }
}
