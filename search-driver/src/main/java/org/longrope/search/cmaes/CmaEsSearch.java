package org.longrope.search.cmaes;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.longrope.search.Candidate;
import org.longrope.search.Generation;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.Sample;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.ScreeningStats;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Surrogate;
import org.longrope.search.Survivors;
import org.longrope.search.surrogate.Screening;

/**
 * Search by CMA-ES, with a tenth of the evaluations of Algorithm 1.
 *
 * <pre>
 *   seeds       all are scored on one document, the best few on all: the best is the centre
 *   bending     CMA-ES moves a few control points of log λ, the attention factor and n̂; each
 *               generation is scored on one document, the next generation on the next document
 *   refining    CMA-ES moves every factor by itself
 *   result      the best mean of the distribution; a mean is scored on all documents every few
 *               generations. Where several means gain too little, refining begins or ends.
 * </pre>
 *
 * While bending and refining, a surrogate may choose which of several times as many samples are
 * scored ({@link Screening}).
 *
 * <p>The candidates of a generation are compared on the same document. Documents differ far more in
 * level than in the candidates that they prefer, so that the mean moves to where all of them agree.
 */
public final class CmaEsSearch implements SearchStrategy {
  static final int SEEDS_ON_ALL = 3;

  /** Greatest number of seeds, with those of a further extension. */
  static final int MOST_SEEDS = 21;

  /** Share of the budget after which refining begins at the latest. */
  static final double BENDING = 0.5;

  /** Generations between two means that are scored on all documents. */
  static final int BETWEEN_MEANS = 6;

  private final CmaEsConfig parameters;
  private final SearchSpace space;
  private final int documents;
  private final Set<Candidate> scoredOnAll = new HashSet<>();
  private final Survivors best = new Survivors(1);
  private final List<GenerationStats> generations = new ArrayList<>();

  /** Null if every sample is proposed. */
  private final @Nullable Screening screening;

  /** Seeds that were scored on one document and not on all; best first. */
  private final Deque<Candidate> promising = new ArrayDeque<>();

  private Generation generation = new Generation(0);
  private int outcomes;

  /** Evaluations proposed so far. */
  private long proposed;

  private @Nullable Distribution distribution;

  private final MeanGains gains;

  private boolean ended;

  /**
   * Begins a search.
   *
   * @param documents number of documents of the search, 1 or more
   * @param seeds candidates to begin with, at least one
   * @param surrogate that screens samples; null for none
   */
  public CmaEsSearch(
      CmaEsConfig parameters,
      SearchSpace space,
      int documents,
      List<Candidate> seeds,
      @Nullable Surrogate surrogate) {
    this.parameters = parameters;
    this.space = space;
    this.documents = documents;
    gains = new MeanGains(parameters);
    screening = surrogate == null ? null : new Screening(surrogate);
    seeds.forEach(seed -> onOne(seed, 0));
  }

  /** Returns the evaluations that seeds, one generation and two means take at most. */
  static long leastBudget(CmaEsConfig parameters, int documents) {
    return MOST_SEEDS
        + (long) parameters.generation() * parameters.each(documents)
        + leastOnAll(documents);
  }

  /** Returns the evaluations of the best seeds and of two means, each on all documents. */
  static long leastOnAll(int documents) {
    return (SEEDS_ON_ALL + 2L) * documents;
  }

  @Override
  public Optional<Proposal> ask() {
    return generation.ask();
  }

  @Override
  public void tell(Candidate candidate, Outcome outcome) {
    generation.tell(candidate, outcome);
    outcomes++;
    if (generation.isOnAll(candidate) && scoredOnAll.add(candidate)) {
      best.add(candidate, outcome);
    }
    if (generation.complete()) {
      generations.add(generation.stats(outcomes));
      follow(generation);
    }
  }

  private void follow(Generation last) {
    if (last.number() == 0) {
      promising.addAll(last.ranking());
    }
    generation = new Generation(last.number() + 1);
    if (best.best().isEmpty()) {
      // No seed so far has a fitness on all documents: try the next ones.
      for (int i = 0; i < SEEDS_ON_ALL && !promising.isEmpty(); i++) {
        onAll(promising.remove());
      }
    } else if (!ended) {
      breed(best.best().get().candidate(), last);
    }
  }

  private void breed(Candidate centre, Generation last) {
    Distribution present = distribution;
    if (present == null) {
      present = Distribution.around(centre, parameters, space);
      gains.add(best);
    } else {
      if (screening != null) {
        List<Integer> on = documents(last);
        screening.learn(on.isEmpty() ? 0 : on.get(0), last.scoredOn(on));
      }
      present.learn(Stream.concat(last.ranking().stream(), last.rejected().stream()).toList());
      if (last.number() % BETWEEN_MEANS == 0) {
        gains.add(best);
      }
      if (present.bends() && (gains.settled() || proposed >= BENDING * parameters.budget())) {
        present = present.refined();
        gains.restart(best);
      }
    }
    distribution = present;
    boolean meanIsDue = generation.number() % BETWEEN_MEANS == 0;
    long after =
        proposed
            + (long) parameters.generation() * parameters.each(documents)
            + (meanIsDue ? 2L : 1L) * documents;
    ended = after > parameters.budget() || gains.settled();
    if (ended || meanIsDue) {
      Candidate mean = present.mean();
      if (!scoredOnAll.contains(mean)) {
        onAll(mean);
      }
    }
    if (!ended) {
      List<Integer> on = documents(generation);
      for (Candidate candidate : present.propose(samples(present))) {
        if (on.isEmpty()) {
          onAll(candidate);
        } else {
          onOne(candidate, on.get(0));
        }
      }
      if (screening != null) {
        screening.train();
      }
    }
  }

  private List<Sample> samples(Distribution present) {
    int count = parameters.generation();
    return screening == null
        ? present.draw(generation.number(), count)
        : screening.promising(present.draw(generation.number(), count * screening.draws()), count);
  }

  /** Returns the documents that a generation is scored on; empty: all. */
  private List<Integer> documents(Generation one) {
    return parameters.each(documents) == documents ? List.of() : List.of(one.number() % documents);
  }

  private void onOne(Candidate candidate, int document) {
    if (generation.add(candidate, document)) {
      proposed++;
    }
  }

  private void onAll(Candidate candidate) {
    if (!generation.isOnAll(candidate)) {
      generation.add(candidate);
      proposed += documents;
    }
  }

  @Override
  public boolean finished() {
    return generation.isEmpty();
  }

  @Override
  public Optional<ScoredCandidate> best() {
    return best.best();
  }

  @Override
  public List<GenerationStats> generations() {
    return Collections.unmodifiableList(generations);
  }

  @Override
  public Optional<ScreeningStats> screening() {
    return screening == null ? Optional.empty() : screening.stats();
  }
}
