package org.longrope.driver.lab.bench;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One measured evaluation.
 *
 * @param model its name
 * @param length tokens of the window
 * @param threads of the evaluation
 * @param dtype of weights and activations
 * @param tokensPerSecond median of the repetitions
 * @param busyTokensPerSecond the same while other processes compute; null: not measured
 * @param fractionOfMatmul useful FLOP a second over the matrix product's, measured before and after
 * @param peakBytesOverWeights the most memory beside the weights
 * @param buffers the same without one layer's keys and values, in [length, hidden] tensors
 */
record EvaluatorRow(
    String model,
    int length,
    int threads,
    String dtype,
    double tokensPerSecond,
    @Nullable Double busyTokensPerSecond,
    double fractionOfMatmul,
    long peakBytesOverWeights,
    double buffers) {

  static String header(boolean busy) {
    return String.format(
        "%-12s %9s %8s  %-5s %9s %s%10s %14s %8s",
        "model",
        "length",
        "threads",
        "dtype",
        "tokens/s",
        busy ? String.format("%9s ", "busy") : "",
        "of matmul",
        "over weights",
        "buffers");
  }

  String text() {
    return String.format(
        Locale.ROOT,
        "%-12s %,9d %8d  %-5s %,9.0f %s%10.2f %,10d MiB %8.1f",
        model,
        length,
        threads,
        dtype,
        tokensPerSecond,
        busyTokensPerSecond == null
            ? ""
            : String.format(Locale.ROOT, "%,9.0f ", busyTokensPerSecond),
        fractionOfMatmul,
        peakBytesOverWeights >> 20,
        buffers);
  }
}
