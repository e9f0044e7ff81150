package org.longrope.eval.training;

import java.util.Map;

/**
 * All that a training goes on from.
 *
 * @param step optimizer steps done
 * @param weights by Hugging Face name
 * @param firstMoments of AdamW, by the same names
 * @param secondMoments of AdamW, by the same names
 */
public record TrainingState(
    int step,
    Map<String, FloatTensor> weights,
    Map<String, FloatTensor> firstMoments,
    Map<String, FloatTensor> secondMoments) {

  /** A training that begins from these weights. */
  public static TrainingState begin(Map<String, FloatTensor> weights) {
    return new TrainingState(0, weights, Map.of(), Map.of());
  }
}
