package org.longrope.driver.lab.bench;

import ai.djl.Device;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.longrope.eval.decoder.Libtorch;
import org.longrope.eval.decoder.ResidentModel;

/**
 * Measured gradient of an evaluation.
 *
 * @param timesForward median of its time over that of the forward pass right before it
 * @param peakBytesOverWeights most memory in addition to the weights
 */
record MeasuredGradient(double timesForward, long peakBytesOverWeights) {
  private static final int MOST_REPETITIONS = 3;
  private static final double ENOUGH_SECONDS = 120;

  /**
   * Measures forward passes and gradients in turn.
   *
   * @param onGpu bytes of a GPU's memory that were in use with the weights alone
   */
  static MeasuredGradient of(ResidentModel model, Device device, int length, long onGpu)
      throws IOException {
    long weights = 0;
    if (!device.isGpu()) {
      ProcessMemory.releaseFree();
      weights = ProcessMemory.resident();
      ProcessMemory.forgetPeak();
    }
    List<Double> ratios = new ArrayList<>();
    double total = 0;
    while (ratios.size() < MOST_REPETITIONS && total < ENOUGH_SECONDS) {
      double forward = RandomTokens.evaluate(model, length).seconds();
      double gradient = RandomTokens.gradient(model, length).seconds();
      ratios.add(gradient / forward);
      total += forward + gradient;
    }
    long peak =
        device.isGpu() ? Libtorch.memory(device).used() - onGpu : ProcessMemory.peak() - weights;
    return new MeasuredGradient(EvaluatorBench.median(ratios), peak);
  }
}
