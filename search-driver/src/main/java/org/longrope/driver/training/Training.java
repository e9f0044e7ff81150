package org.longrope.driver.training;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.FactorSet;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.training.FactorSchedule;
import org.longrope.eval.training.Lora;
import org.longrope.eval.training.TrainedModel;
import org.longrope.eval.training.TrainingPlan;
import org.longrope.eval.training.TrainingState;

/**
 * What is trained and how.
 *
 * @param origin the model it begins with
 * @param lowRank the changes that are trained; null if all weights are
 * @param schedule how positions are read in each step
 * @param factors that the finished model is read with; null if its positions are as they were
 */
public record Training(
    BaseModel origin,
    @Nullable Lora lowRank,
    TrainingPlan plan,
    FactorSchedule schedule,
    @Nullable FactorSet factors) {
  private static final JsonMapper JSON = new JsonMapper();

  /** All weights, at the model's own positions. */
  public static Training plain(BaseModel origin, TrainingPlan plan) {
    RescaleFactors none = RescaleFactors.uniform(origin.config().rope().pairs(), 1);
    FactorSchedule schedule = FactorSchedule.of(new Rescaling(none, 0, 1), plan.steps());
    return new Training(origin, null, plan, schedule, null);
  }

  TrainedModel model() {
    return lowRank == null
        ? TrainedModel.whole(origin.config())
        : new TrainedModel(origin.config(), origin.weights(), lowRank);
  }

  TrainingState begin() {
    return TrainingState.begin(
        lowRank == null ? origin.weights() : lowRank.begin(origin.config(), plan.seed()));
  }

  /** What tells this training from others. */
  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("model", origin.identity());
    json.set("plan", JSON.valueToTree(plan));
    if (lowRank != null) {
      json.set("low_rank", JSON.valueToTree(lowRank));
    }
    for (FactorSchedule.Phase phase : schedule.phases()) {
      ObjectNode entry = json.withArray("schedule").addObject();
      entry.put("steps", phase.steps());
      Rescaling rescaling = phase.rescaling();
      rescaling.factors().toList().forEach(entry.putArray("rescale_factors")::add);
      entry.put("start_tokens", rescaling.startTokens());
      entry.put("attention_factor", rescaling.attentionFactor());
    }
    return json;
  }
}
