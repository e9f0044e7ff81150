package org.longrope.driver.training;

import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.FactorSet;
import org.longrope.eval.rope.QueryScales;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.training.FactorSchedule;
import org.longrope.eval.training.Lora;
import org.longrope.eval.training.TrainedModel;
import org.longrope.eval.training.TrainingPlan;
import org.longrope.eval.training.TrainingState;

/**
 * Model to train, and how to train it.
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
  /** Returns a training of all weights, at the model's own positions. */
  public static Training plain(BaseModel origin, TrainingPlan plan) {
    RescaleFactors none = RescaleFactors.uniform(origin.config().rope().pairs(), 1);
    FactorSchedule schedule = FactorSchedule.of(new Rescaling(none, 0, 1), plan.steps());
    return new Training(origin, null, plan, schedule, null);
  }

  /** Returns the query scales that the trained model is read with. */
  QueryScales queryScales() {
    return factors == null ? QueryScales.NONE : factors.queryScales();
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

  /** Describes this training so that it differs from others. */
  TrainingRecord record(String dataHash, long tokens, int replicas) {
    return new TrainingRecord(
        origin.identity(),
        plan,
        lowRank,
        schedule.phases().stream().map(TrainingRecord.Phase::of).toList(),
        dataHash,
        tokens,
        replicas,
        null,
        null,
        null);
  }
}
