package org.longrope.eval.training;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.longrope.eval.family.DecoderSpec;

/**
 * Model with the choice of trained weights: all of them, or low-rank changes of frozen ones.
 *
 * @param base weights that stay, by Hugging Face name; empty if all are trained
 * @param lowRank how the trained weights change the base; null if all are trained
 */
public record TrainedModel(
    DecoderSpec config, Map<String, FloatTensor> base, @Nullable Lora lowRank) {

  /** Returns a model whose weights are all trained. */
  public static TrainedModel whole(DecoderSpec config) {
    return new TrainedModel(config, Map.of(), null);
  }

  /** Returns the model's weights after a training. */
  public Map<String, FloatTensor> weights(TrainingState state) {
    return lowRank == null ? state.weights() : lowRank.merge(base, state.weights());
  }
}
