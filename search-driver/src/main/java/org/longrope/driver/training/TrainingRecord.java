package org.longrope.driver.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.RescalingJson;
import org.longrope.eval.Json;
import org.longrope.eval.checkpoint.DType;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.training.FactorSchedule;
import org.longrope.eval.training.Lora;
import org.longrope.eval.training.TrainingPlan;

/**
 * Content of training.json. The fields before {@code dtype} are the identity of a training, which a
 * saved state must agree with to be resumed.
 *
 * @param model hash of the checkpoint, or the shape and seed of a new model
 * @param lowRank null if all weights are trained
 * @param data content hash of the partition
 * @param tokens of the partition
 * @param replicas that train together
 * @param dtype of the finished weights; null in the identity
 * @param threads of a forward and backward pass; null in the identity
 * @param versions of the software; null in the identity
 */
record TrainingRecord(
    String model,
    TrainingPlan plan,
    @Nullable Lora lowRank,
    List<Phase> schedule,
    String data,
    long tokens,
    int replicas,
    @Nullable String dtype,
    @Nullable Integer threads,
    @Nullable JsonNode versions) {

  /**
   * Steps under one rescaling.
   *
   * @param queryScales their summary; null where queries are not scaled
   */
  record Phase(
      int steps,
      List<Double> rescaleFactors,
      int startTokens,
      double attentionFactor,
      @Nullable JsonNode queryScales) {
    static Phase of(FactorSchedule.Phase phase) {
      Rescaling rescaling = phase.rescaling();
      return new Phase(
          phase.steps(),
          rescaling.factors().toList(),
          rescaling.startTokens(),
          rescaling.attentionFactor(),
          RescalingJson.queryScales(rescaling.queryScales()));
    }
  }

  /** Returns the text that a saved state keeps; states of earlier versions hold the same text. */
  String identity() {
    return Json.line(
        new TrainingRecord(
            model, plan, lowRank, schedule, data, tokens, replicas, null, null, null));
  }

  TrainingRecord finished(DType type, int usedThreads, JsonNode software) {
    return new TrainingRecord(
        model,
        plan,
        lowRank,
        schedule,
        data,
        tokens,
        replicas,
        type.name().toLowerCase(Locale.ROOT),
        usedThreads,
        software);
  }
}
