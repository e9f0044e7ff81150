package org.longrope.driver.run.results;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.longrope.driver.execution.Evaluation;
import org.longrope.driver.run.replay.Journal;
import org.longrope.driver.run.replay.JournalEntry;

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

  static List<PhaseCost> of(Journal journal) {
    Map<String, PhaseCost> byPhase = new LinkedHashMap<>();
    for (JournalEntry entry : journal.entries()) {
      if (entry instanceof JournalEntry.Evaluated evaluated) {
        PhaseCost cost = of(evaluated);
        byPhase.merge(cost.phase, cost, PhaseCost::plus);
      }
    }
    return new ArrayList<>(byPhase.values());
  }

  private static PhaseCost of(JournalEntry.Evaluated entry) {
    String phase = entry.phase().startsWith(GENERATION) ? "search" : entry.phase();
    if (entry.evaluation() instanceof Evaluation.Scored scored) {
      return new PhaseCost(
          phase,
          Set.of(scored.computeType()),
          1,
          0,
          scored.score().tokens(),
          scored.score().seconds());
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
