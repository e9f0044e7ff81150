package org.longrope.search.cmaes;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.longrope.search.Candidate;
import org.longrope.search.CriticalDimensions;
import org.longrope.search.SearchMode;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.StrategyConfig;
import org.longrope.search.Surrogate;

/**
 * Configuration of {@link CmaEsSearch} and {@link AsynchronousCmaEsSearch}. It holds any values, so
 * that all problems can be reported at once: see {@link #problems}.
 *
 * @param generation candidates of a generation, 4 or more
 * @param budget evaluations of the search, one for each candidate and document
 * @param without features that are left out
 * @param surrogate whether a surrogate chooses which candidates are evaluated
 * @param seed of all random choices
 */
public record CmaEsConfig(
    int generation, int budget, Set<Feature> without, boolean surrogate, long seed)
    implements StrategyConfig {
  public CmaEsConfig {
    without = Set.copyOf(without);
  }

  boolean with(Feature feature) {
    return !without.contains(feature);
  }

  /** Returns the number of documents that a candidate of a generation is evaluated on. */
  int each(int documents) {
    return with(Feature.ROTATION) ? 1 : documents;
  }

  @Override
  public boolean usesReference() {
    return true;
  }

  @Override
  public int candidates(int number) {
    return generation;
  }

  @Override
  public int generations(int documents) {
    return 1 + budget / Math.max(1, generation * each(documents));
  }

  @Override
  public long documentsScored(int documents) {
    return budget;
  }

  @Override
  public CmaEsConfig withFixedAttention() {
    Set<Feature> more = EnumSet.of(Feature.ATTENTION);
    more.addAll(without);
    return new CmaEsConfig(generation, budget, more, surrogate, seed);
  }

  @Override
  public List<String> problems(SearchMode mode, int documents) {
    List<String> problems = new ArrayList<>(CmaEsSettings.values(this).problems());
    long least = CmaEsSearch.leastBudget(this, documents);
    if (budget >= 0 && budget < least) {
      problems.add(
          "budget is "
              + budget
              + ": expected "
              + least
              + " or more evaluations, for seeds and one generation.");
    }
    if (mode == SearchMode.ASYNCHRONOUS && surrogate) {
      problems.add(
          "surrogate is mllib: expected none with mode asynchronous, because a surrogate screens"
              + " the samples of a whole generation.");
    }
    return problems;
  }

  @Override
  public SearchStrategy strategy(
      SearchMode mode, SearchSpace space, List<Candidate> seeds, int documents, Surrogate model) {
    List<String> problems = problems(mode, documents);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException("Cannot search: " + String.join(" ", problems));
    }
    List<Candidate> all = new ArrayList<>();
    for (Candidate given : seeds) {
      Candidate seed = given.onGrid(space);
      boolean asGiven = !with(Feature.ATTENTION);
      all.add(asGiven ? Candidate.of(seed.hundredths(), seed.startTokens()) : seed);
    }
    if (with(Feature.CRITICAL_DIMENSIONS)) {
      CriticalDimensions.seeds(space).stream()
          .map(factors -> Candidate.nearest(factors, 0, space))
          .forEach(all::add);
    }
    return mode == SearchMode.ASYNCHRONOUS
        ? new AsynchronousCmaEsSearch(this, space, documents, all)
        : new CmaEsSearch(this, space, documents, all, surrogate ? model : null);
  }
}
