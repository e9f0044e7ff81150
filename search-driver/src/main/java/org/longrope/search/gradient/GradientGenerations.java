package org.longrope.search.gradient;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;

/** Outcomes of a search by generation. A generation is complete when a later one has begun. */
final class GradientGenerations {
  private final Map<Integer, List<Outcome>> outcomes = new TreeMap<>();
  private final Map<Integer, Integer> proposed = new TreeMap<>();
  private final List<GenerationStats> complete = new ArrayList<>();
  private int told;

  void proposed(int generation) {
    proposed.merge(generation, 1, Integer::sum);
  }

  void told(Proposal proposal, Outcome outcome) {
    outcomes.computeIfAbsent(proposal.generation(), number -> new ArrayList<>()).add(outcome);
  }

  /**
   * Closes the generations that no further outcome can come to.
   *
   * @param nothingIsOpen whether the last generation is complete too
   */
  void close(boolean nothingIsOpen) {
    int last = proposed.isEmpty() ? 0 : ((TreeMap<Integer, Integer>) proposed).lastKey();
    for (Map.Entry<Integer, Integer> one : proposed.entrySet()) {
      int number = one.getKey();
      List<Outcome> known = outcomes.getOrDefault(number, List.of());
      boolean closed = complete.stream().anyMatch(stats -> stats.generation() == number);
      if (closed) {
        continue;
      }
      if (known.size() < one.getValue() || (number == last && !nothingIsOpen)) {
        return;
      }
      told += known.size();
      complete.add(GenerationStats.of(number, known, told));
    }
  }

  List<GenerationStats> complete() {
    return complete;
  }
}
