package org.longrope.driver.run.results;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.longrope.driver.execution.EvaluationTask;
import org.longrope.driver.run.problem.Objective;
import org.longrope.driver.run.replay.Evaluations;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.rope.Rescaling;

/** Trade-offs between long and short context among a run's evaluations. */
final class TradeOffs {
  private TradeOffs() {}

  /**
   * Returns all rescalings that were evaluated on all documents of the search, named ones first.
   *
   * @param tasks evaluations of a rescaling
   * @param methods by name
   * @return none if the search does not weigh long against short
   */
  static List<TradeOff> of(
      SearchSettings settings,
      Function<Rescaling, List<EvaluationTask>> tasks,
      Evaluations evaluations,
      Map<String, Rescaling> methods) {
    if (settings.objective() != Objective.LONG_AND_SHORT) {
      return List.of();
    }
    Map<Rescaling, String> names = new HashMap<>();
    methods.forEach((name, rescaling) -> names.put(rescaling, name));
    List<TradeOff> tradeOffs = new ArrayList<>();
    Set<Rescaling> rescalings = new LinkedHashSet<>(methods.values());
    evaluations.tasks().forEach(task -> rescalings.add(task.rescaling()));
    for (Rescaling rescaling : rescalings) {
      List<EvaluationTask> whole = tasks.apply(rescaling);
      if (evaluations.containsAll(whole) && Double.isFinite(evaluations.perplexity(whole))) {
        Map<Boolean, List<EvaluationTask>> atTarget =
            whole.stream()
                .collect(
                    Collectors.partitioningBy(
                        task -> task.protocol().length() == settings.targetLength()));
        tradeOffs.add(
            new TradeOff(
                names.getOrDefault(rescaling, TradeOff.CANDIDATE),
                rescaling,
                evaluations.perplexity(atTarget.getOrDefault(true, List.of())),
                evaluations.perplexity(atTarget.getOrDefault(false, List.of()))));
      }
    }
    return tradeOffs;
  }
}
