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
 * Finds factors with a tenth of the documents that Algorithm 1 reads.
 *
 * <pre>
 *   seeds       all on one document, the best few on all: the best is the centre
 *   bending     a CMA evolution strategy moves a few control points of log λ, the attention factor
 *               and n̂; each generation reads one document, the next generation the next one
 *   refining    the same for every factor by itself
 *   result      the best of the distribution's means, each scored on all documents now and then;
 *               where a few of these have gained nothing worth its price, refining begins or ends
 * </pre>
 *
 * Of both, a surrogate may choose which of several times as many draws are scored ({@link
 * Screening}).
 *
 * <p>Within a generation candidates are compared on the same document, and documents differ far
 * more in level than in what they prefer; the mean moves by what all of them agree on.
 */
public final class CmaEsSearch implements SearchStrategy {
  private static final int SEEDS_ON_ALL = 3;

  /** As many as there are at most, with those of a further extension. */
  static final int MOST_SEEDS = 21;

  /** Share of the budget after which every factor moves by itself. */
  private static final double BENDING = 0.5;

  /** Generations from one mean that is scored on all documents to the next. */
  private static final int BETWEEN_MEANS = 6;

  /** Means in a row that must lower the best, by this much of ln perplexity together. */
  private static final int PATIENCE = 3;

  private static final double LEAST_GAIN = 0.001;

  private final CmaEsConfig parameters;
  private final SearchSpace space;
  private final int documents;
  private final Set<Candidate> scoredOnAll = new HashSet<>();
  private final Survivors best = new Survivors(1);
  private final List<GenerationStats> generations = new ArrayList<>();

  /** Null where everything drawn is proposed. */
  private final @Nullable Screening screening;

  /** That have been scored on one document, and not on all; best first. */
  private final Deque<Candidate> promising = new ArrayDeque<>();

  private Generation generation = new Generation(0);
  private int told;

  /** Documents asked for so far, each time that one was. */
  private long read;

  private @Nullable Distribution distribution;

  /** ln perplexity of the best when bending or refining began, and with each mean since. */
  private final List<Double> marks = new ArrayList<>();

  private boolean ended;

  /**
   * @param documents of the search, 1 or more
   * @param seeds what to begin with, at least one
   * @param surrogate that screens offspring; null for none
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
    told++;
    if (generation.isOnAll(candidate) && scoredOnAll.add(candidate)) {
      best.add(candidate, outcome);
    }
    if (generation.complete()) {
      generations.add(generation.stats(told));
      follow(generation);
    }
  }

  private void follow(Generation last) {
    if (last.number() == 0) {
      promising.addAll(last.ranking());
    }
    generation = new Generation(last.number() + 1);
    if (best.best().isEmpty()) {
      // None of the seeds so far could be scored on all documents: the next ones.
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
      mark();
    } else {
      if (screening != null) {
        List<Integer> on = documents(last);
        screening.learn(on.isEmpty() ? 0 : on.get(0), last.scoredOn(on));
      }
      present.learn(Stream.concat(last.ranking().stream(), last.rejected().stream()).toList());
      if (last.number() % BETWEEN_MEANS == 0) {
        mark();
      }
      if (present.bends() && (settled() || read >= BENDING * parameters.budget())) {
        present = present.refined();
        marks.clear();
        mark();
      }
    }
    distribution = present;
    boolean meanIsDue = generation.number() % BETWEEN_MEANS == 0;
    long after =
        read
            + (long) parameters.generation() * parameters.each(documents)
            + (meanIsDue ? 2L : 1L) * documents;
    ended = after > parameters.budget() || settled();
    if (ended || meanIsDue) {
      Candidate mean = present.mean();
      if (!scoredOnAll.contains(mean)) {
        onAll(mean);
      }
    }
    if (!ended) {
      List<Integer> on = documents(generation);
      for (Candidate candidate : present.propose(drawn(present))) {
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

  private void mark() {
    best.best().ifPresent(scored -> marks.add(StrictMath.log(scored.perplexity())));
  }

  /** Whether the last means were not worth their reading. */
  private boolean settled() {
    int last = marks.size() - 1;
    return parameters.with(Feature.EARLY_STOP)
        && last >= PATIENCE
        && marks.get(last - PATIENCE) - marks.get(last) < LEAST_GAIN;
  }

  private List<Sample> drawn(Distribution present) {
    int count = parameters.generation();
    return screening == null
        ? present.draw(generation.number(), count)
        : screening.promising(present.draw(generation.number(), count * screening.draws()), count);
  }

  /** What a generation is scored on; empty: all. */
  private List<Integer> documents(Generation one) {
    return parameters.each(documents) == documents ? List.of() : List.of(one.number() % documents);
  }

  private void onOne(Candidate candidate, int document) {
    if (generation.add(candidate, document)) {
      read++;
    }
  }

  private void onAll(Candidate candidate) {
    if (!generation.isOnAll(candidate)) {
      generation.add(candidate);
      read += documents;
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
