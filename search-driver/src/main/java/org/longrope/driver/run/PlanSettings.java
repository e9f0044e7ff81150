package org.longrope.driver.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.longrope.search.FastParameters;
import org.longrope.search.Idea;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchParameters;
import org.longrope.search.SearchPlan;

/** The settings of a search that say how it goes about it, as run.json has them. */
final class PlanSettings {
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

  private PlanSettings() {}

  /** As settings spell the strategy. */
  static String name(SearchPlan plan) {
    return plan instanceof FastParameters ? FAST : PAPER;
  }

  /** As settings say it; what is wrong with them is added to the section's problems. */
  static SearchPlan read(SettingsSection section) {
    String strategy = section.has(STRATEGY) ? section.text(STRATEGY, FAST) : implied(section);
    if (strategy.equals(FAST)) {
      section.refuse(PAPER_SETTINGS, PAPER);
      return new FastParameters(
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
    return new SearchParameters(
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

  private static Set<Idea> without(SettingsSection section) {
    Set<Idea> without = EnumSet.noneOf(Idea.class);
    for (String word : section.words("without")) {
      Idea.of(word)
          .ifPresentOrElse(
              without::add,
              () ->
                  section.problem(
                      "without has "
                          + word
                          + ": expected some of "
                          + Arrays.toString(Idea.values())
                          + "."));
    }
    return without;
  }

  static void toJson(SearchPlan plan, ObjectNode json) {
    if (plan instanceof FastParameters fast) {
      json.put("generation", fast.generation());
      json.put("budget", fast.budget());
      ArrayNode without = json.putArray("without");
      fast.without().stream().sorted().map(Idea::toString).forEach(without::add);
      json.put("surrogate", fast.surrogate() ? MLLIB : NONE);
    } else if (plan instanceof SearchParameters paper) {
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
  static SearchPlan fromJson(JsonNode json) {
    long seed = SearchSettings.field(json, "seed").asLong();
    // Runs that say nothing of it are older than any other strategy.
    if (json.path(STRATEGY).asText(PAPER).equals(FAST)) {
      Set<Idea> without = EnumSet.noneOf(Idea.class);
      for (JsonNode word : SearchSettings.field(json, "without")) {
        without.add(
            Idea.of(word.asText()).orElseThrow(() -> SearchSettings.unreadable("without", word)));
      }
      return new FastParameters(
          SearchSettings.field(json, "generation").asInt(),
          SearchSettings.field(json, "budget").asInt(),
          without,
          // Runs that say nothing of it are older than any.
          json.path("surrogate").asText(NONE).equals(MLLIB),
          seed);
    }
    return new SearchParameters(
        SearchSettings.field(json, "population").asInt(),
        SearchSettings.field(json, "parents").asInt(),
        SearchSettings.field(json, "mutations").asInt(),
        SearchSettings.field(json, "crossovers").asInt(),
        SearchSettings.field(json, "iterations").asInt(),
        SearchSettings.field(json, "mutation-probability").asDouble(),
        seed);
  }
}
