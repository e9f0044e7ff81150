package org.longrope.driver.run.results;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.longrope.driver.run.replay.FitnessEstimator;
import org.longrope.driver.run.replay.RunReplay;
import org.longrope.driver.run.replay.RunReplay.Decision;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.SearchMode;
import org.longrope.search.StrategyConfig;

/**
 * The generations of a run by its log alone: a report needs no strategy that decides as the run's
 * did, and so reads runs of other versions.
 */
final class Generations {
  private final RunReplay replay;
  private final FitnessEstimator estimator;

  private Generations(RunReplay replay, FitnessEstimator estimator) {
    this.replay = replay;
    this.estimator = estimator;
  }

  /**
   * Summarises the complete generations. Those of a generational search are the generations of its
   * decisions. Those of an asynchronous search have as many outcomes as a generation has
   * candidates, in the order of the outcomes.
   *
   * @param replay of the whole log
   * @param finished tells whether the last generation is complete though it has fewer candidates
   */
  static List<GenerationStats> of(
      SearchSettings settings, RunReplay replay, FitnessEstimator estimator, boolean finished) {
    Generations read = new Generations(replay, estimator);
    return settings.mode() == SearchMode.ASYNCHRONOUS
        ? read.byOutcome(settings.search(), settings.documents(), finished)
        : read.byDecision(settings.search().comparedOn(settings.documents()));
  }

  /**
   * Summarises generations of decisions.
   *
   * @param compared documents by which candidates are compared; empty: all
   */
  private List<GenerationStats> byDecision(List<Integer> compared) {
    List<GenerationStats> generations = new ArrayList<>();
    Map<Integer, Integer> decided = new TreeMap<>();
    replay.decisions().forEach(one -> decided.merge(one.proposal().generation(), 1, Integer::sum));
    int total = 0;
    for (Map.Entry<Integer, Integer> generation : decided.entrySet()) {
      List<Decision> complete =
          replay.complete().stream()
              .filter(one -> one.proposal().generation() == generation.getKey())
              .toList();
      if (complete.size() < generation.getValue()) {
        break;
      }
      total += complete.size();
      generations.add(
          GenerationStats.of(
              generation.getKey(), outcomes(complete), outcomes(onAll(complete, compared)), total));
    }
    return generations;
  }

  private List<GenerationStats> byOutcome(StrategyConfig config, int documents, boolean finished) {
    List<Integer> compared = config.comparedOn(documents);
    List<GenerationStats> generations = new ArrayList<>();
    List<Decision> told = replay.complete();
    int begin = 0;
    while (begin < told.size()) {
      int size = config.candidates(generations.size());
      if (begin + size > told.size() && !finished) {
        break;
      }
      int end = Math.min(begin + size, told.size());
      List<Decision> round = told.subList(begin, end);
      generations.add(
          GenerationStats.of(
              generations.size(), outcomes(round), outcomes(onAll(round, compared)), end));
      begin = end;
    }
    return generations;
  }

  /** Selects the decisions on all documents by which candidates are compared. */
  private static List<Decision> onAll(List<Decision> decisions, List<Integer> compared) {
    return decisions.stream()
        .filter(
            one ->
                one.proposal().documents().isEmpty() || one.proposal().documents().equals(compared))
        .toList();
  }

  private List<Outcome> outcomes(List<Decision> decisions) {
    return decisions.stream().map(decision -> estimator.of(decision.tasks())).toList();
  }
}
