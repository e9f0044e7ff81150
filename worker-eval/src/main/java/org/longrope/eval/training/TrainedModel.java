package org.longrope.eval.training;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.checkpoint.ModelConfig;

/**
 * What of a model is trained: all its weights, or low-rank changes of weights that stay.
 *
 * @param base weights that stay, by Hugging Face name; empty if all are trained
 * @param lowRank how the trained weights change the base; null if all are trained
 */
public record TrainedModel(
    ModelConfig config, Map<String, FloatTensor> base, @Nullable Lora lowRank) {

  /** All weights are trained. */
  public static TrainedModel whole(ModelConfig config) {
    return new TrainedModel(config, Map.of(), null);
  }

  /** The model's weights as they are after a training. */
  public Map<String, FloatTensor> weights(TrainingState state) {
    return lowRank == null ? state.weights() : lowRank.merge(base, state.weights());
  }
}
