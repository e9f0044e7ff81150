package org.longrope.search.gradient;

import java.util.List;
import org.longrope.search.QueryScaleChoice;
import org.longrope.search.SearchMode;
import org.longrope.search.settings.Setting;
import org.longrope.search.settings.SettingType;
import org.longrope.search.settings.SettingValues;
import org.longrope.search.settings.StrategyDefinition;

/** Settings of {@link GradientSearch}. */
public final class GradientSettings {
  static final Setting<Integer> STEPS =
      Setting.of("steps", SettingType.WHOLE_NUMBER, "Steps of a descent.")
          .defaultsTo(40)
          .range(n -> n >= 1, "1 or more");

  static final Setting<Integer> BATCH =
      Setting.of(
              "batch",
              SettingType.WHOLE_NUMBER,
              "Documents whose gradients make one step, each on an executor of its own. At most"
                  + " those of the search that no answer is compared on.")
          .defaultsTo(1)
          .range(n -> n >= 1, "1 or more");

  static final Setting<Integer> DESCENTS =
      Setting.of(
              "descents",
              SettingType.WHOLE_NUMBER,
              "Number of starts from which the search descends side by side, the best first.")
          .defaultsTo(1)
          .range(n -> n >= 1 && n <= 16, "1 to 16");

  static final Setting<Boolean> MONOTONE =
      Setting.of(
              "monotone",
              SettingType.FLAG,
              "Keeps the factors in ascending order, as Algorithm 1 does. The result may be worse:"
                  + " strategy cmaes keeps to that order too.")
          .defaultsTo(false);

  static final Setting<Boolean> FIXED_ATTENTION =
      Setting.of(
              "fixed-attention",
              SettingType.FLAG,
              "Leaves the attention factor as attention-factor gives it.")
          .defaultsTo(false);

  static final Setting<QueryScaleChoice> QUERY_SCALES =
      Setting.of(
              "query-scales",
              SettingType.oneOf("NAME", QueryScaleChoice.values()),
              "Query scales to find too: numbers that multiply the rotated pairs of queries, and"
                  + " that export folds into the model's weights. none: as the paper. pair: one for"
                  + " each pair. head: one for each layer, query head and pair.")
          .defaultsTo(QueryScaleChoice.NONE);

  static final Setting<Double> WINDOW_WEIGHT =
      Setting.of(
              "window-weight",
              SettingType.NUMBER,
              "Weight of the perplexity at the original window where query scales are searched,"
                  + " because they hold there too. Less gains more at the target length, and costs"
                  + " short texts more.")
          .defaultsTo(10.0)
          .range(x -> x >= 0 && x <= 1000, "0 to 1000");

  public static final StrategyDefinition<GradientConfig> DEFINITION =
      new StrategyDefinition<>(
          "gradient",
          "",
          "descent by the gradient of the perplexity, which needs a hundredth of the evaluations of"
              + " genetic",
          List.of(SearchMode.GENERATIONAL),
          GradientConfig.class,
          List.of(STEPS, BATCH, DESCENTS, MONOTONE, FIXED_ATTENTION, QUERY_SCALES, WINDOW_WEIGHT),
          (values, seed) ->
              new GradientConfig(
                  values.get(STEPS),
                  values.get(BATCH),
                  values.get(DESCENTS),
                  values.get(MONOTONE),
                  values.get(FIXED_ATTENTION),
                  values.get(QUERY_SCALES),
                  values.get(WINDOW_WEIGHT),
                  seed),
          GradientSettings::values);

  private GradientSettings() {}

  static SettingValues values(GradientConfig config) {
    return SettingValues.NONE
        .with(STEPS, config.steps())
        .with(BATCH, config.batch())
        .with(DESCENTS, config.descents())
        .with(MONOTONE, config.monotone())
        .with(FIXED_ATTENTION, config.fixedAttention())
        .with(QUERY_SCALES, config.queryScales())
        .with(WINDOW_WEIGHT, config.windowWeight());
  }
}
