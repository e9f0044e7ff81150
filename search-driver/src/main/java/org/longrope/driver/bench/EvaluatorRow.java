package org.longrope.driver.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * One measured evaluation.
 *
 * @param model its name
 * @param length tokens of the window
 * @param dtype of weights and activations
 * @param tokensPerSecond median of the repetitions
 * @param fractionOfMatmul useful FLOP a second over the matrix product's, measured before and after
 * @param peakBytesOverWeights the most memory beside the weights
 * @param buffers the same without one layer's keys and values, in [length, hidden] tensors
 */
record EvaluatorRow(
    String model,
    int length,
    String dtype,
    double tokensPerSecond,
    double fractionOfMatmul,
    long peakBytesOverWeights,
    double buffers) {

  static final String HEADER =
      String.format(
          "%-12s %9s  %-5s %12s %10s %14s %8s",
          "model", "length", "dtype", "tokens/s", "of matmul", "over weights", "buffers");

  String text() {
    return String.format(
        Locale.ROOT,
        "%-12s %,9d  %-5s %,12.0f %10.2f %,10d MiB %8.1f",
        model,
        length,
        dtype,
        tokensPerSecond,
        fractionOfMatmul,
        peakBytesOverWeights >> 20,
        buffers);
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", model);
    json.put("length", length);
    json.put("dtype", dtype);
    json.put("tokens_per_second", tokensPerSecond);
    json.put("fraction_of_matmul", fractionOfMatmul);
    json.put("peak_bytes_over_weights", peakBytesOverWeights);
    json.put("buffers", buffers);
    return json;
  }
}
