package org.longrope.search;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Best k candidates of all that were scored, best first; the first is the best ever. */
public final class Survivors {
  private final int limit;
  private final List<ScoredCandidate> ranked = new ArrayList<>();

  public Survivors(int limit) {
    this.limit = limit;
  }

  /** Adds a candidate with a fitness; a rejected one is not ranked. */
  public void add(Candidate candidate, Outcome outcome) {
    if (outcome instanceof Outcome.Fitness fitness) {
      ScoredCandidate scored = new ScoredCandidate(candidate, fitness.perplexity());
      // Candidates are distinct and break ties, so no equal entry is found.
      ranked.add(-1 - Collections.binarySearch(ranked, scored), scored);
      if (ranked.size() > limit) {
        ranked.remove(limit);
      }
    }
  }

  public List<ScoredCandidate> ranked() {
    return Collections.unmodifiableList(ranked);
  }

  public Optional<ScoredCandidate> best() {
    return ranked.stream().findFirst();
  }
}
