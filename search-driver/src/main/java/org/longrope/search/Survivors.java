package org.longrope.search;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The top k of all that was scored, best first; as they are kept, the first is the best ever. */
public final class Survivors {
  private final int limit;
  private final List<ScoredCandidate> ranked = new ArrayList<>();

  public Survivors(int limit) {
    this.limit = limit;
  }

  /** Ranks a fitness; a rejected candidate is never ranked. */
  public void add(Candidate candidate, Outcome outcome) {
    if (outcome instanceof Outcome.Fitness fitness) {
      ScoredCandidate scored = new ScoredCandidate(candidate, fitness.perplexity());
      // Candidates are distinct and ties are broken by them: the place is always a new one.
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
