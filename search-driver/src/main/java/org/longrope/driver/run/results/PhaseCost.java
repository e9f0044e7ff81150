package org.longrope.driver.run.results;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.longrope.driver.execution.TaskResult;
import org.longrope.driver.run.replay.LogEntry;
import org.longrope.driver.run.replay.RunLog;
import org.longrope.eval.perplexity.DocumentScore;

/**
 * Cost of a part of a run.
 *
 * @param phase baseline, search, held-out or original-window
 * @param computeTypes number types of the evaluations: f32, f16, bf16
 * @param evaluations of one document each, rejected ones included
 * @param rejected of them, those without a number
 * @param tokens scored
 * @param seconds device-seconds: time of the evaluations with a number added up, where an
 *     executor's slot on CPU cores counts as one device whatever its threads
 */
public record PhaseCost(
    String phase,
    Set<String> computeTypes,
    long evaluations,
    long rejected,
    long tokens,
    double seconds) {
  private static final String GENERATION = "generation-";

  static List<PhaseCost> of(RunLog log) {
    Map<String, PhaseCost> byPhase = new LinkedHashMap<>();
    for (LogEntry entry : log.entries()) {
      if (entry instanceof LogEntry.Evaluated evaluated) {
        PhaseCost cost = of(evaluated);
        byPhase.merge(cost.phase, cost, PhaseCost::plus);
      }
    }
    return new ArrayList<>(byPhase.values());
  }

  private static PhaseCost of(LogEntry.Evaluated entry) {
    String phase = entry.phase().startsWith(GENERATION) ? "search" : entry.phase();
    if (entry.result() instanceof TaskResult.Completed<DocumentScore> completed) {
      return new PhaseCost(
          phase,
          Set.of(completed.computeType()),
          1,
          0,
          completed.value().tokens(),
          completed.seconds());
    }
    return new PhaseCost(phase, Set.of(), 1, 1, 0, 0);
  }

  /** Adds another cost; the sum has this one's phase. */
  public PhaseCost plus(PhaseCost other) {
    Set<String> types = new TreeSet<>(computeTypes);
    types.addAll(other.computeTypes);
    return new PhaseCost(
        phase,
        types,
        evaluations + other.evaluations,
        rejected + other.rejected,
        tokens + other.tokens,
        seconds + other.seconds);
  }
}
