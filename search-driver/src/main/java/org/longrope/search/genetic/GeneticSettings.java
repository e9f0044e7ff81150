package org.longrope.search.genetic;

import java.util.List;
import org.longrope.search.SearchMode;
import org.longrope.search.settings.Setting;
import org.longrope.search.settings.SettingType;
import org.longrope.search.settings.SettingValues;
import org.longrope.search.settings.StrategyDefinition;

/**
 * Settings of Algorithm 1 (arXiv 2402.13753), with the paper's values for targets up to 256k tokens
 * (section 4.1) as defaults.
 */
public final class GeneticSettings {
  static final Setting<Integer> POPULATION =
      Setting.of(
              "population",
              SettingType.WHOLE_NUMBER,
              "P, candidates of the first population: none, PI, NTK, YaRN and mutants of them.")
          .defaultsTo(64)
          .defaultsForLongTargetsTo(32)
          .range(n -> n >= 4, "4 or more, for the four seeds");

  static final Setting<Integer> PARENTS =
      Setting.of(
              "parents",
              SettingType.WHOLE_NUMBER,
              "k, the best candidates, which survive a generation and breed.")
          .defaultsTo(32)
          .range(n -> n >= 2, "2 or more, and at most population");

  static final Setting<Integer> MUTATIONS =
      Setting.of("mutations", SettingType.WHOLE_NUMBER, "N1, mutants of a generation.")
          .defaultsTo(16)
          .defaultsForLongTargetsTo(8)
          .range(n -> n >= 0, "0 or more");

  static final Setting<Integer> CROSSOVERS =
      Setting.of("crossovers", SettingType.WHOLE_NUMBER, "N2, crossovers of a generation.")
          .defaultsTo(16)
          .defaultsForLongTargetsTo(8)
          .range(n -> n >= 0, "0 or more");

  static final Setting<Integer> ITERATIONS =
      Setting.of(
              "iterations",
              SettingType.WHOLE_NUMBER,
              "T, generations of offspring after the first population.")
          .defaultsTo(40)
          .range(n -> n >= 0, "0 or more");

  static final Setting<Double> MUTATION_PROBABILITY =
      Setting.of(
              "mutation-probability",
              SettingType.NUMBER,
              "Probability that a gene (a factor, the start tokens) changes in a mutant.")
          .defaultsTo(0.3)
          .range(p -> p > 0 && p <= 1, "above 0 and at most 1");

  public static final StrategyDefinition<GeneticConfig> DEFINITION =
      new StrategyDefinition<>(
          "genetic",
          "paper",
          "Algorithm 1 of arXiv 2402.13753",
          List.of(SearchMode.values()),
          GeneticConfig.class,
          List.of(POPULATION, PARENTS, MUTATIONS, CROSSOVERS, ITERATIONS, MUTATION_PROBABILITY),
          (values, seed) ->
              new GeneticConfig(
                  values.get(POPULATION),
                  values.get(PARENTS),
                  values.get(MUTATIONS),
                  values.get(CROSSOVERS),
                  values.get(ITERATIONS),
                  values.get(MUTATION_PROBABILITY),
                  seed),
          GeneticSettings::values);

  private GeneticSettings() {}

  static SettingValues values(GeneticConfig config) {
    return SettingValues.NONE
        .with(POPULATION, config.population())
        .with(PARENTS, config.parents())
        .with(MUTATIONS, config.mutations())
        .with(CROSSOVERS, config.crossovers())
        .with(ITERATIONS, config.iterations())
        .with(MUTATION_PROBABILITY, config.mutationProbability());
  }
}
