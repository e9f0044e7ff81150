package org.longrope.search.cmaes;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.longrope.search.Candidate;
import org.longrope.search.GenerationStats;
import org.longrope.search.Outcome;
import org.longrope.search.OutcomeRounds;
import org.longrope.search.Proposal;
import org.longrope.search.Randomness;
import org.longrope.search.Sample;
import org.longrope.search.ScoredCandidate;
import org.longrope.search.SearchSpace;
import org.longrope.search.SearchStrategy;
import org.longrope.search.Survivors;

/**
 * Search by CMA-ES without a barrier between generations: it has a proposal whenever it is asked, so
 * that no executor waits for the slowest candidate of a generation.
 *
 * <pre>
 *   seeds       all are scored on one document. Executors that would wait score more seeds, drawn
 *               around the first ones; then the best three are scored on all documents
 *   sampling    a sample is drawn from the present distribution when it is asked for. As soon as a
 *               generation's number of samples is scored on one document, whenever they were
 *               drawn, the distribution learns from them ({@link SamplePools})
 *   late        a sample of an earlier distribution is a point in the present coordinates, and what
 *               the distribution learns from it is bounded (Hansen, arXiv 1110.4181)
 *   result      means are scored on all documents, as in {@link CmaEsSearch}; the last one when half
 *               of the last samples are scored, while the others run
 * </pre>
 *
 * The order of outcomes decides the course. A call of {@link #ask} without a proposal leaves the
 * state unchanged while outcomes are awaited.
 */
public final class AsynchronousCmaEsSearch implements SearchStrategy {
  /** Draws in which no new candidate ends a call of {@link #ask}. */
  private static final int DRAWS = 64;

  /** Share of the samples that are scored, of those open at the end, before the last mean is. */
  private static final int LAST_SHARE = 2;

  private enum Role {
    SEED,
    DRAWN_SEED,
    BEST_SEED,
    SAMPLE,
    MEAN
  }

  /**
   * Proposal without an outcome.
   *
   * @param from distribution that drew it; null if none did
   * @param point in its coordinates
   */
  private record Open(
      Role role, Proposal proposal, @Nullable Distribution from, double[] point) {}

  /** Candidate on a document, or on all documents. */
  private record Reading(Candidate candidate, List<Integer> documents) {}

  private final CmaEsConfig config;
  private final SearchSpace space;
  private final int documents;
  private final List<Candidate> seeds;
  private final Map<Candidate, Open> open = new HashMap<>();
  private final Set<Reading> readings = new HashSet<>();
  private final Survivors best = new Survivors(1);
  private final OutcomeRounds rounds;
  private final SamplePools pools;
  private final MeanGains gains;

  /** Seeds on the first document, best first. */
  private final Survivors ranking = new Survivors(Integer.MAX_VALUE);

  /** Seeds that are not scored on all documents; best first. */
  private final Deque<Candidate> promising = new ArrayDeque<>();

  /** Candidates to be scored on all documents next. */
  private final Deque<Open> onAll = new ArrayDeque<>();

  private int seedsProposed;
  private int seedsTold;
  private int bestSeedsAwaited;

  /** Present distribution; null before the first seed has a fitness. */
  private @Nullable Distribution distribution;

  private @Nullable Candidate centre;

  /** Evaluations proposed so far. */
  private long proposed;

  private int drawn;
  private int samples;
  private int updates;

  /** Updates and outcomes when the last mean was chosen. */
  // The first mean follows four updates, as in CmaEsSearch, where the seeds are two generations.
  private int updatesAtMean = -2;

  private int outcomesAtMean;

  /** No samples are drawn any more. */
  private boolean ended;

  private int openAtEnd;
  private boolean lastMeanChosen;

  /**
   * Begins a search.
   *
   * @param documents number of documents of the search, 1 or more
   * @param seeds candidates to begin with, at least one
   */
  AsynchronousCmaEsSearch(
      CmaEsConfig config, SearchSpace space, int documents, List<Candidate> seeds) {
    this.config = config;
    this.space = space;
    this.documents = documents;
    this.seeds = seeds.stream().distinct().toList();
    rounds = new OutcomeRounds(config::candidates);
    pools = new SamplePools(config.generation());
    gains = new MeanGains(config);
  }

  @Override
  public Optional<Proposal> ask() {
    Open next = onAll.peek();
    if (next != null && !open.containsKey(next.proposal.candidate())) {
      onAll.remove();
      return propose(next);
    }
    if (seedsProposed < seeds.size()) {
      Candidate seed = seeds.get(seedsProposed++);
      return propose(new Open(Role.SEED, proposal(seed, List.of(0)), null, new double[0]));
    }
    return budgetIsUsed() ? Optional.empty() : sample();
  }

  private Optional<Proposal> propose(Open one) {
    Proposal proposal = one.proposal;
    readings.add(new Reading(proposal.candidate(), proposal.documents()));
    open.put(proposal.candidate(), one);
    proposed += proposal.documents().isEmpty() ? documents : proposal.documents().size();
    return Optional.of(proposal);
  }

  private Proposal proposal(Candidate candidate, List<Integer> on) {
    return new Proposal(rounds.complete().size(), candidate, on);
  }

  /** Draws a candidate that is new on its document. */
  private Optional<Proposal> sample() {
    Distribution from = distribution;
    Role role = Role.SAMPLE;
    List<Integer> on = documents();
    if (from == null) {
      role = Role.DRAWN_SEED;
      on = List.of(0);
      from = Distribution.around(seeds.get(samples % seeds.size()), config, space);
    }
    for (int draw = 0; draw < DRAWS; draw++) {
      Sample sample = from.draw(Randomness.at(config.seed(), drawn + draw));
      Candidate candidate = sample.candidate();
      if (!open.containsKey(candidate) && !readings.contains(new Reading(candidate, on))) {
        drawn += draw + 1;
        samples++;
        return propose(new Open(role, proposal(candidate, on), from, from.point(sample)));
      }
    }
    if (!open.isEmpty()) {
      return Optional.empty(); // Later outcomes may move the distribution to new candidates.
    }
    end();
    return onAll.isEmpty() ? Optional.empty() : propose(onAll.remove());
  }

  /** Returns the documents of the next sample; empty: all. */
  private List<Integer> documents() {
    return config.each(documents) == documents
        ? List.of()
        : List.of((1 + samples / config.generation()) % documents);
  }

  /** Returns whether the next sample would take evaluations that means or seeds need. */
  private boolean budgetIsUsed() {
    int reserved = 1 + onAll.size() + (isLearning() ? 0 : CmaEsSearch.SEEDS_ON_ALL);
    return ended
        || proposed + config.each(documents) + (long) reserved * documents > config.budget();
  }

  private boolean isLearning() {
    return seedsTold == seeds.size();
  }

  @Override
  public void tell(Candidate candidate, Outcome outcome) {
    Open told = open.remove(candidate);
    if (told == null) {
      throw new IllegalArgumentException(
          "Cannot take an outcome of " + candidate + ": expected one that was proposed, once");
    }
    boolean whole = told.proposal.documents().isEmpty();
    rounds.add(outcome, whole);
    if (whole) {
      best.add(candidate, outcome);
    }
    switch (told.role) {
      case SEED -> seedTold(candidate, outcome);
      case BEST_SEED -> bestSeedTold();
      case MEAN -> gains.add(best);
      case DRAWN_SEED, SAMPLE -> sampleTold(told, outcome);
    }
    if (isLearning() && !lastMeanChosen) {
      learn();
    }
    if (budgetIsUsed()) {
      end();
    }
    if (finished()) {
      rounds.close();
    }
  }

  private void seedTold(Candidate seed, Outcome outcome) {
    seedsTold++;
    ranking.add(seed, outcome);
    recentre(ranking);
    if (isLearning()) {
      ranking.ranked().forEach(scored -> promising.add(scored.candidate()));
      scoreBestSeeds();
      if (ranking.best().isEmpty()) {
        end();
      }
    }
  }

  private void scoreBestSeeds() {
    while (bestSeedsAwaited < CmaEsSearch.SEEDS_ON_ALL && !promising.isEmpty()) {
      if (chooseForAll(Role.BEST_SEED, promising.remove())) {
        bestSeedsAwaited++;
      }
    }
  }

  private void bestSeedTold() {
    bestSeedsAwaited--;
    if (bestSeedsAwaited == 0) {
      recentre(best);
      gains.restart(best);
      if (best.best().isEmpty() && !budgetIsUsed()) {
        scoreBestSeeds();
      }
    }
  }

  /** Moves the distribution to the best of some candidates, unless it has learned already. */
  private void recentre(Survivors candidates) {
    if (updates == 0 && candidates.best().isPresent()) {
      Candidate better = candidates.best().get().candidate();
      if (!better.equals(centre)) {
        centre = better;
        changeTo(Distribution.around(better, config, space));
      }
    }
  }

  private void changeTo(Distribution other) {
    distribution = other;
    pools.moveTo(other);
  }

  private void sampleTold(Open told, Outcome outcome) {
    Candidate candidate = told.proposal.candidate();
    if (told.role == Role.DRAWN_SEED && !isLearning()) {
      ranking.add(candidate, outcome);
      recentre(ranking);
    }
    Distribution present = distribution;
    double[] point =
        present == null || present == told.from ? told.point : present.point(candidate);
    pools.add(told.proposal.documents(), candidate, point, outcome);
  }

  private void learn() {
    Distribution present = distribution;
    while (present != null && pools.teach(present)) {
      updates++;
      boolean half = proposed >= CmaEsSearch.BENDING * config.budget();
      if (present.bends() && (gains.settled() || half)) {
        present = present.refined();
        changeTo(present);
        gains.restart(best);
      }
      if (gains.settled()) {
        end();
      }
      boolean meanIsDue =
          updates - updatesAtMean >= CmaEsSearch.BETWEEN_MEANS
              && rounds.outcomes() - outcomesAtMean >= open.size();
      if (meanIsDue && !budgetIsUsed()) {
        updatesAtMean = updates;
        outcomesAtMean = rounds.outcomes();
        chooseForAll(Role.MEAN, present.mean());
      }
    }
  }

  /** Chooses a candidate to be scored on all documents; returns false if it was chosen before. */
  private boolean chooseForAll(Role role, Candidate candidate) {
    return readings.add(new Reading(candidate, List.of()))
        && onAll.add(new Open(role, proposal(candidate, List.of()), null, new double[0]));
  }

  /** Ends sampling, and chooses the last mean when it is time. */
  private void end() {
    if (!ended) {
      ended = true;
      openAtEnd = open.size();
    }
    if (!lastMeanChosen
        && isLearning()
        && bestSeedsAwaited == 0
        && open.size() <= openAtEnd / LAST_SHARE) {
      lastMeanChosen = true;
      if (distribution != null) {
        chooseForAll(Role.MEAN, distribution.mean());
      }
    }
  }

  @Override
  public boolean finished() {
    return lastMeanChosen && open.isEmpty() && onAll.isEmpty();
  }

  @Override
  public Optional<ScoredCandidate> best() {
    return best.best();
  }

  @Override
  public List<GenerationStats> generations() {
    return rounds.complete();
  }
}
