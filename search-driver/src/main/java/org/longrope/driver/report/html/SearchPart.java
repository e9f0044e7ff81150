package org.longrope.driver.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.longrope.driver.factors.FactorFile;
import org.longrope.driver.factors.FactorSet;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.replay.RunDirectory;
import org.longrope.driver.run.results.ParetoFront;
import org.longrope.driver.run.results.PhaseCost;
import org.longrope.driver.run.results.RunHistory;
import org.longrope.driver.run.results.SummaryTable;
import org.longrope.driver.run.results.TradeOff;
import org.longrope.eval.BadInputException;
import org.longrope.eval.rope.RescaleFactors;
import org.longrope.eval.rope.Rescaling;
import org.longrope.eval.rope.RopeGeometry;

/**
 * Search as read and checked from its run directory.
 *
 * @param directory where it is
 * @param found the best factors so far; null while there are none
 * @param summary the methods compared; null while the search goes on
 * @param published those that have as many pairs
 * @param files run.json and the results, by name
 */
record SearchPart(
    RunDirectory directory,
    RunHistory history,
    @Nullable FactorSet found,
    @Nullable SummaryTable summary,
    List<PublishedFactors> published,
    Map<String, String> files) {

  /**
   * Reads a run.
   *
   * @throws BadInputException if a file of it is damaged, or one of a finished run is missing
   */
  static SearchPart read(
      RunDirectory directory, List<PublishedFactors> published, Consumer<String> warnings) {
    RunHistory history = RunHistory.of(directory);
    Map<String, String> files = new LinkedHashMap<>();
    for (String name :
        List.of(
            RunDirectory.RUN,
            RunDirectory.FACTORS,
            RunDirectory.SUMMARY_JSON,
            RunDirectory.SUMMARY_TEXT)) {
      if (directory.exists(name)) {
        files.put(name, directory.read(name));
      } else if (history.status().finished()) {
        throw BadInputException.of(
            "%s has no %s though its search is finished: expected the file as the search wrote it;"
                + " restore it from a copy, or have it written anew by 'resume %s'.",
            directory.location(), name, directory.location());
      }
    }
    FactorSet found = found(directory, files.get(RunDirectory.FACTORS), warnings);
    int pairs = history.baselines().values().iterator().next().factors().pairs();
    List<PublishedFactors> fitting = new ArrayList<>();
    for (PublishedFactors one : published) {
      if (one.factors().pairs() == pairs) {
        fitting.add(one);
      } else {
        warnings.accept(
            String.format(
                "%s factors are left out of %s: they are %d, its model rotates %d pairs.",
                one.name(), directory.location(), one.factors().pairs(), pairs));
      }
    }
    return new SearchPart(
        directory,
        history,
        found,
        summary(directory, files.get(RunDirectory.SUMMARY_JSON)),
        fitting,
        files);
  }

  private static @Nullable FactorSet found(
      RunDirectory directory, @Nullable String text, Consumer<String> warnings) {
    if (text == null) {
      return null;
    }
    String name = directory.location() + "/" + RunDirectory.FACTORS;
    FactorSet set = FactorFile.parse(name, text, warnings).longest();
    if (set.startTokens() == null || set.attentionFactor() == null) {
      throw BadInputException.of(
          "%s is damaged: expected start_tokens and attention_factor as the search wrote them;"
              + " restore it from a copy.",
          name);
    }
    return set;
  }

  private static @Nullable SummaryTable summary(RunDirectory directory, @Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return SummaryTable.fromJson(new JsonMapper().readTree(text));
    } catch (IOException | IllegalArgumentException e) {
      throw new BadInputException(
          String.format(
              "%s/%s is damaged: expected JSON as the search wrote it; restore it from a copy.",
              directory.location(), RunDirectory.SUMMARY_JSON),
          e);
    }
  }

  JsonNode settings() {
    return history.begun().path("settings");
  }

  JsonNode subject() {
    return history.begun().path("subject");
  }

  String model() {
    return settings().path("model").asText();
  }

  Objective objective() {
    return history.status().settings().objective();
  }

  int targetLength() {
    return history.status().settings().targetLength();
  }

  int originalWindow() {
    return subject().path("original_window").asInt();
  }

  /** Returns the rotation of the model, before rescaling. */
  RopeGeometry rope() {
    return new RopeGeometry(
        subject().path("rotary_dimension").asInt(),
        subject().path("rope_theta").asDouble(),
        originalWindow());
  }

  /** Returns the result; null while there is none. */
  @Nullable Rescaling rescaling() {
    FactorSet set = found;
    if (set == null || set.startTokens() == null || set.attentionFactor() == null) {
      return null;
    }
    return new Rescaling(
        set.factors(), set.startTokens(), set.attentionFactor(), set.queryScales());
  }

  /** Returns the rescalings to choose among; null unless the search weighs long against short. */
  @Nullable ParetoFront front() {
    if (history.tradeOffs().isEmpty()) {
      return null;
    }
    Rescaling best = rescaling();
    return ParetoFront.of(
        targetLength(),
        originalWindow(),
        history.tradeOffs().stream()
            .map(one -> one.rescaling().equals(best) ? one.withMethod(TradeOff.FOUND) : one)
            .toList());
  }

  /** Returns the factors to compare the found ones with, by name. */
  Map<String, RescaleFactors> others() {
    Map<String, RescaleFactors> others = new LinkedHashMap<>();
    history.plottedBaselines().forEach((name, method) -> others.put(name, method.factors()));
    published.forEach(one -> others.put(one.name(), one.factors()));
    return others;
  }

  /** Returns the cost of the whole run. */
  PhaseCost cost() {
    return history.costs().stream()
        .reduce(PhaseCost::plus)
        .orElse(new PhaseCost("", java.util.Set.of(), 0, 0, 0, 0));
  }
}
