package org.longrope.eval.training;

import java.util.Map;

/**
 * State from which a training resumes.
 *
 * @param step optimizer steps done
 * @param weights by Hugging Face name
 * @param firstMoments of AdamW, by the names of the weights
 * @param secondMoments of AdamW, by the names of the weights
 */
public record TrainingState(
    int step,
    Map<String, FloatTensor> weights,
    Map<String, FloatTensor> firstMoments,
    Map<String, FloatTensor> secondMoments) {

  /** Returns the state of a training that begins from weights. */
  public static TrainingState begin(Map<String, FloatTensor> weights) {
    return new TrainingState(0, weights, Map.of(), Map.of());
  }
}
