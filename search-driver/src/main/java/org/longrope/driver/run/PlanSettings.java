package org.longrope.driver.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.longrope.search.FastParameters;
import org.longrope.search.Idea;
import org.longrope.search.SearchParameters;
import org.longrope.search.SearchPlan;

/** The settings of a search that say how it goes about it, as run.json has them. */
final class PlanSettings {
  static final String PAPER = "paper";
  static final String FAST = "fast";
  static final String MLLIB = "mllib";
  private static final String NONE = "none";

  /** What the one strategy knows and the other does not. */
  static final List<String> PAPER_SETTINGS =
      List.of(
          "population", "parents", "mutations", "crossovers", "iterations", "mutation-probability");

  static final List<String> FAST_SETTINGS = List.of("generation", "budget", "without", "surrogate");

  private PlanSettings() {}

  /** As settings spell the strategy. */
  static String name(SearchPlan plan) {
    return plan instanceof FastParameters ? FAST : PAPER;
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
    if (json.path("strategy").asText(PAPER).equals(FAST)) {
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
