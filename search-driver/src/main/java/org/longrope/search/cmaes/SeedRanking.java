package org.longrope.search.cmaes;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;
import org.longrope.search.Survivors;

/**
 * Seeds on the first document, and those that are drawn around them while their outcomes are
 * awaited. When every seed has its outcome, the best are scored on all documents, a few at a time.
 */
final class SeedRanking {
  private final List<Candidate> seeds;
  private final Survivors ranking = new Survivors(Integer.MAX_VALUE);

  /** Candidates that are not scored on all documents, best first. */
  private final Deque<Candidate> promising = new ArrayDeque<>();

  private int proposed;
  private int told;

  /**
   * Begins with seeds without outcomes.
   *
   * @param seeds at least one
   */
  SeedRanking(List<Candidate> seeds) {
    this.seeds = seeds.stream().distinct().toList();
  }

  boolean hasNext() {
    return proposed < seeds.size();
  }

  Candidate next() {
    return seeds.get(proposed++);
  }

  /** Returns the seed that a draw is made around; they take turns. */
  Candidate around(int draw) {
    return seeds.get(draw % seeds.size());
  }

  /** Ranks a seed. */
  void tell(Candidate seed, Outcome outcome) {
    told++;
    ranking.add(seed, outcome);
    if (isComplete()) {
      ranking.ranked().forEach(scored -> promising.add(scored.candidate()));
    }
  }

  /** Ranks a candidate that was drawn around a seed; one that comes late is not ranked. */
  void tellDrawn(Candidate candidate, Outcome outcome) {
    if (!isComplete()) {
      ranking.add(candidate, outcome);
    }
  }

  /** Returns whether every seed has its outcome. */
  boolean isComplete() {
    return told == seeds.size();
  }

  /** Returns the candidates by their fitness on the first document. */
  Survivors ranking() {
    return ranking;
  }

  /** Removes the best that are not scored on all documents; empty if no more are known. */
  List<Candidate> takeBest() {
    List<Candidate> taken = new ArrayList<>();
    while (taken.size() < CmaEsSearch.SEEDS_ON_ALL && !promising.isEmpty()) {
      taken.add(promising.remove());
    }
    return taken;
  }
}
