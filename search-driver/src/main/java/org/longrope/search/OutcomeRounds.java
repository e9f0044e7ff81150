package org.longrope.search;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.IntUnaryOperator;

/**
 * Statistics of a search without generations: outcomes in the order in which they came, in rounds
 * that have as many outcomes as a generation has candidates.
 */
public final class OutcomeRounds {
  private final IntUnaryOperator size;
  private final List<GenerationStats> complete = new ArrayList<>();
  private final List<Outcome> round = new ArrayList<>();
  private final List<Outcome> onAll = new ArrayList<>();
  private int outcomes;

  /**
   * Begins the first round.
   *
   * @param size number of outcomes of a round, by its number from 0; 1 or more
   */
  public OutcomeRounds(IntUnaryOperator size) {
    this.size = size;
  }

  /**
   * Adds an outcome.
   *
   * @param scoredOnAll whether the candidate was scored on all documents
   */
  public void add(Outcome outcome, boolean scoredOnAll) {
    round.add(outcome);
    if (scoredOnAll) {
      onAll.add(outcome);
    }
    outcomes++;
    if (round.size() == size.applyAsInt(complete.size())) {
      close();
    }
  }

  /** Completes the present round, unless it has no outcome. */
  public void close() {
    if (!round.isEmpty()) {
      complete.add(GenerationStats.of(complete.size(), round, onAll, outcomes));
      round.clear();
      onAll.clear();
    }
  }

  /** Returns the statistics of each complete round. */
  public List<GenerationStats> complete() {
    return Collections.unmodifiableList(complete);
  }

  /** Returns the number of outcomes so far. */
  public int outcomes() {
    return outcomes;
  }
}
