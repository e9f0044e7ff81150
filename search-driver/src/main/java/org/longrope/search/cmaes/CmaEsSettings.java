package org.longrope.search.cmaes;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.longrope.search.SearchMode;
import org.longrope.search.settings.Setting;
import org.longrope.search.settings.SettingType;
import org.longrope.search.settings.SettingValues;
import org.longrope.search.settings.StrategyDefinition;

/** Settings of {@link CmaEsSearch} and {@link AsynchronousCmaEsSearch}. */
public final class CmaEsSettings {
  private static final int USUAL_GENERATION = 16;
  private static final int USUAL_DOCUMENTS = 5;
  private static final String NONE = "none";
  private static final String MLLIB = "mllib";

  static final Setting<Integer> GENERATION =
      Setting.of(
              "generation",
              SettingType.WHOLE_NUMBER,
              "Candidates of a generation. All are evaluated on one document, those of the next"
                  + " generation on the next document. With mode asynchronous, candidates that"
                  + " are compared with each other.")
          .defaultsTo(USUAL_GENERATION)
          .range(n -> n >= 4, "4 or more");

  static final Setting<Integer> BUDGET =
      Setting.of(
              "budget",
              SettingType.WHOLE_NUMBER,
              "Evaluations of the search, one for each candidate and document. Baselines and"
                  + " held-out documents are not counted.")
          .defaultsTo(1000)
          .defaultsForLongTargetsTo(300)
          .range(
              n -> n >= 0,
              String.format(
                  "%d + generation + %d for each document, or more (%d by default)",
                  CmaEsSearch.MOST_SEEDS,
                  CmaEsSearch.leastOnAll(1),
                  CmaEsSearch.MOST_SEEDS
                      + USUAL_GENERATION
                      + CmaEsSearch.leastOnAll(USUAL_DOCUMENTS)));

  static final Setting<List<Feature>> WITHOUT =
      Setting.of(
              "without",
              SettingType.listOf(
                  Arrays.stream(Feature.values())
                      .map(Feature::toString)
                      .collect(Collectors.joining(", ", "a list of features (", ")")),
                  "FEATURE[,...]",
                  word -> Feature.of(word).orElseThrow(IllegalArgumentException::new)),
              "Features that are left out, to measure what each is worth (ablation), such as"
                  + " [attention, rotation].")
          .defaultsTo(List.of());

  static final Setting<String> SURROGATE =
      Setting.of(
              "surrogate",
              SettingType.oneOf("NAME", NONE, MLLIB),
              "Model that predicts which candidates are worth an evaluation. With mllib a"
                  + " regression of Spark's MLlib learns from the evaluations and chooses one of"
                  + " four samples, as long as it ranks better than chance.")
          .defaultsTo(NONE);

  public static final StrategyDefinition<CmaEsConfig> DEFINITION =
      new StrategyDefinition<>(
          "cmaes",
          "fast",
          "an evolution strategy with covariance matrix adaptation, which needs a tenth of the"
              + " evaluations of genetic",
          List.of(SearchMode.values()),
          CmaEsConfig.class,
          List.of(GENERATION, BUDGET, WITHOUT, SURROGATE),
          (values, seed) ->
              new CmaEsConfig(
                  values.get(GENERATION),
                  values.get(BUDGET),
                  Set.copyOf(values.get(WITHOUT)),
                  values.get(SURROGATE).equals(MLLIB),
                  seed),
          CmaEsSettings::values);

  private CmaEsSettings() {}

  static SettingValues values(CmaEsConfig config) {
    return SettingValues.NONE
        .with(GENERATION, config.generation())
        .with(BUDGET, config.budget())
        .with(WITHOUT, config.without().stream().sorted().toList())
        .with(SURROGATE, config.surrogate() ? MLLIB : NONE);
  }
}
