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
import org.longrope.driver.run.replay.Journal;
import org.longrope.driver.run.settings.SearchSettings;
import org.longrope.eval.rope.Rescaling;

/** What a run's journal holds of rescalings that were read at both lengths. */
final class TradeOffs {
  private TradeOffs() {}

  /**
   * Of all rescalings that were scored on all of the search's documents, those with a name first.
   *
   * @param tasks what scoring one takes
   * @param methods by name
   * @return none if the search does not weigh long against short
   */
  static List<TradeOff> of(
      SearchSettings settings,
      Function<Rescaling, List<EvaluationTask>> tasks,
      Journal journal,
      Map<String, Rescaling> methods) {
    if (settings.objective() != Objective.LONG_AND_SHORT) {
      return List.of();
    }
    Map<Rescaling, String> names = new HashMap<>();
    methods.forEach((name, rescaling) -> names.put(rescaling, name));
    Set<EvaluationTask> evaluated = journal.evaluations().keySet();
    List<TradeOff> tradeOffs = new ArrayList<>();
    Set<Rescaling> rescalings = new LinkedHashSet<>(methods.values());
    evaluated.forEach(task -> rescalings.add(task.rescaling()));
    for (Rescaling rescaling : rescalings) {
      List<EvaluationTask> whole = tasks.apply(rescaling);
      if (evaluated.containsAll(whole) && Double.isFinite(journal.perplexity(whole))) {
        Map<Boolean, List<EvaluationTask>> atTarget =
            whole.stream()
                .collect(
                    Collectors.partitioningBy(
                        task -> task.protocol().length() == settings.targetLength()));
        tradeOffs.add(
            new TradeOff(
                names.getOrDefault(rescaling, TradeOff.CANDIDATE),
                rescaling,
                journal.perplexity(atTarget.getOrDefault(true, List.of())),
                journal.perplexity(atTarget.getOrDefault(false, List.of()))));
      }
    }
    return tradeOffs;
  }
}
