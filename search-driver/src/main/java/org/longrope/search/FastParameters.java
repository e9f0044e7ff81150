package org.longrope.search;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.longrope.eval.rope.RescaleFactors;

/**
 * The parameters of {@link FastSearch}.
 *
 * @param generation candidates of a generation, 4 or more
 * @param budget documents that are scored in all, each time that one is scored for a candidate
 * @param without what it does not do
 * @param seed of all random choices
 */
public record FastParameters(int generation, int budget, Set<Idea> without, long seed)
    implements SearchPlan {
  private static final int LEAST_GENERATION = 4;

  public FastParameters {
    without = Set.copyOf(without);
  }

  boolean with(Idea idea) {
    return !without.contains(idea);
  }

  @Override
  public int generations() {
    return budget / Math.max(1, generation);
  }

  @Override
  public long evaluations() {
    return budget;
  }

  @Override
  public long documentsScored(int documents) {
    return budget;
  }

  @Override
  public List<String> problems() {
    List<String> problems = new ArrayList<>();
    if (!(generation >= LEAST_GENERATION)) {
      problems.add("generation is " + generation + ": expected " + LEAST_GENERATION + " or more.");
    }
    if (!(budget >= 1)) {
      problems.add("budget is " + budget + ": expected 1 or more documents.");
    }
    return problems;
  }

  @Override
  public SearchStrategy strategy(
      SearchMode mode, SearchSpace space, List<RescaleFactors> seeds, int documents) {
    Stream<RescaleFactors> critical =
        with(Idea.CRITICAL_DIMENSIONS) ? CriticalDimensions.seeds(space).stream() : Stream.empty();
    List<Candidate> all =
        Stream.concat(seeds.stream(), critical)
            .map(factors -> Candidate.nearest(factors, 0, space))
            .toList();
    return new FastSearch(this, space, documents, all);
  }
}
