package org.longrope.driver.run.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.longrope.search.SearchMode;
import org.longrope.search.StrategyConfig;
import org.longrope.search.cmaes.CmaEsConfig;
import org.longrope.search.cmaes.Feature;
import org.longrope.search.genetic.GeneticConfig;

/** The settings of a search that say how it goes about it, as run.json has them. */
final class StrategySettings {
  private static final String STRATEGY = "strategy";
  private static final String PAPER = "paper";
  private static final String FAST = "fast";
  private static final String MLLIB = "mllib";
  private static final String NONE = "none";

  /** What the one strategy knows and the other does not. */
  private static final List<String> PAPER_SETTINGS =
      List.of(
          "population", "parents", "mutations", "crossovers", "iterations", "mutation-probability");

  private static final List<String> FAST_SETTINGS =
      List.of("generation", "budget", "without", "surrogate");

  private StrategySettings() {}

  /** As settings spell the strategy. */
  static String name(StrategyConfig plan) {
    return plan instanceof CmaEsConfig ? FAST : PAPER;
  }

  /** As settings say it; what is wrong with them is added to the section's problems. */
  static StrategyConfig read(SettingsSection section) {
    String strategy = section.has(STRATEGY) ? section.text(STRATEGY, FAST) : implied(section);
    if (strategy.equals(FAST)) {
      section.refuse(PAPER_SETTINGS, PAPER);
      return new CmaEsConfig(
          section.integer("generation"),
          section.integer("budget"),
          without(section),
          surrogate(section),
          section.seed());
    }
    if (!strategy.equals(PAPER)) {
      section.problem("strategy is " + strategy + ": expected paper or fast.");
    }
    section.refuse(FAST_SETTINGS, FAST);
    return new GeneticConfig(
        section.integer("population"),
        section.integer("parents"),
        section.integer("mutations"),
        section.integer("crossovers"),
        section.integer("iterations"),
        section.number("mutation-probability", 0.3),
        section.seed());
  }

  /** Who says how large a population is has chosen the strategy that has one. */
  private static String implied(SettingsSection section) {
    boolean papers =
        section.gives(PAPER_SETTINGS)
            || section.text("mode", "").equals(SearchMode.ASYNCHRONOUS.toString());
    // A whole copy of the reference file gives the settings of both.
    return papers && !section.gives(FAST_SETTINGS) ? PAPER : FAST;
  }

  private static boolean surrogate(SettingsSection section) {
    String surrogate = section.text("surrogate", NONE);
    if (!List.of(NONE, MLLIB).contains(surrogate)) {
      section.problem("surrogate is " + surrogate + ": expected none or mllib.");
    }
    return surrogate.equals(MLLIB);
  }

  private static Set<Feature> without(SettingsSection section) {
    Set<Feature> without = EnumSet.noneOf(Feature.class);
    for (String word : section.words("without")) {
      Feature.of(word)
          .ifPresentOrElse(
              without::add,
              () ->
                  section.problem(
                      "without has "
                          + word
                          + ": expected some of "
                          + Arrays.toString(Feature.values())
                          + "."));
    }
    return without;
  }

  static void toJson(StrategyConfig plan, ObjectNode json) {
    if (plan instanceof CmaEsConfig fast) {
      json.put("generation", fast.generation());
      json.put("budget", fast.budget());
      ArrayNode without = json.putArray("without");
      fast.without().stream().sorted().map(Feature::toString).forEach(without::add);
      json.put("surrogate", fast.surrogate() ? MLLIB : NONE);
    } else if (plan instanceof GeneticConfig paper) {
      json.put("population", paper.population());
      json.put("parents", paper.parents());
      json.put("mutations", paper.mutations());
      json.put("crossovers", paper.crossovers());
      json.put("iterations", paper.iterations());
      json.put("mutation-probability", paper.mutationProbability());
    }
  }

  /**
   * @throws org.longrope.eval.BadInputException if a field is missing
   */
  static StrategyConfig fromJson(JsonNode json) {
    long seed = SearchSettings.field(json, "seed").asLong();
    // Runs that say nothing of it are older than any other strategy.
    if (json.path(STRATEGY).asText(PAPER).equals(FAST)) {
      Set<Feature> without = EnumSet.noneOf(Feature.class);
      for (JsonNode word : SearchSettings.field(json, "without")) {
        without.add(
            Feature.of(word.asText())
                .orElseThrow(() -> SearchSettings.unreadable("without", word)));
      }
      return new CmaEsConfig(
          SearchSettings.field(json, "generation").asInt(),
          SearchSettings.field(json, "budget").asInt(),
          without,
          // Runs that say nothing of it are older than any.
          json.path("surrogate").asText(NONE).equals(MLLIB),
          seed);
    }
    return new GeneticConfig(
        SearchSettings.field(json, "population").asInt(),
        SearchSettings.field(json, "parents").asInt(),
        SearchSettings.field(json, "mutations").asInt(),
        SearchSettings.field(json, "crossovers").asInt(),
        SearchSettings.field(json, "iterations").asInt(),
        SearchSettings.field(json, "mutation-probability").asDouble(),
        seed);
  }
}
