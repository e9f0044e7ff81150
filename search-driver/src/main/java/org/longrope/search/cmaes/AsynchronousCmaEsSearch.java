package org.longrope.search.cmaes;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
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
import org.longrope.search.cmaes.OpenProposals.Open;
import org.longrope.search.cmaes.OpenProposals.Role;

/**
 * Search by CMA-ES without a barrier between generations: it has a proposal whenever it is asked,
 * so that no executor waits for the slowest candidate of a generation.
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

  private final CmaEsConfig config;
  private final SearchSpace space;
  private final int documents;
  private final SeedRanking seeds;
  private final OpenProposals open;
  private final Survivors best = new Survivors(1);
  private final OutcomeRounds rounds;
  private final SamplePools pools;
  private final MeanGains gains;

  private int bestSeedsAwaited;

  /** Present distribution; null before the first seed has a fitness. */
  private @Nullable Distribution distribution;

  private @Nullable Candidate centre;

  private int drawn;
  private int samples;
  private int updates;

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
    this.seeds = new SeedRanking(seeds);
    open = new OpenProposals(documents);
    rounds = new OutcomeRounds(config::candidates);
    pools = new SamplePools(config.generation());
    gains = new MeanGains(config);
  }

  @Override
  public Optional<Proposal> ask() {
    Optional<Proposal> chosen = open.addChosen();
    if (chosen.isPresent()) {
      return chosen;
    }
    if (seeds.hasNext()) {
      return open.add(Open.of(Role.SEED, proposal(seeds.next(), List.of(0))));
    }
    return budgetIsUsed() ? Optional.empty() : sample();
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
      from = Distribution.around(seeds.around(samples), config, space);
    }
    for (int draw = 0; draw < DRAWS; draw++) {
      Sample sample = from.draw(Randomness.at(config.seed(), drawn + draw));
      Candidate candidate = sample.candidate();
      if (open.isNew(candidate, on)) {
        drawn += draw + 1;
        samples++;
        return open.add(new Open(role, proposal(candidate, on), from, from.point(sample)));
      }
    }
    if (open.size() > 0) {
      return Optional.empty(); // Later outcomes may move the distribution to new candidates.
    }
    end();
    return open.addChosen();
  }

  /** Returns the documents of the next sample; empty: all. */
  private List<Integer> documents() {
    return config.each(documents) == documents
        ? List.of()
        : List.of((1 + samples / config.generation()) % documents);
  }

  /** Returns whether the next sample would take evaluations that means or seeds need. */
  private boolean budgetIsUsed() {
    int reserved = 1 + open.chosen() + (seeds.isComplete() ? 0 : CmaEsSearch.SEEDS_ON_ALL);
    long next = config.each(documents) + (long) reserved * documents;
    return ended || open.evaluations() + next > config.budget();
  }

  @Override
  public void tell(Candidate candidate, Outcome outcome) {
    Open told = open.remove(candidate);
    boolean whole = told.proposal().documents().isEmpty();
    rounds.add(outcome, whole);
    if (whole) {
      best.add(candidate, outcome);
    }
    switch (told.role()) {
      case SEED -> seedTold(candidate, outcome);
      case BEST_SEED -> bestSeedTold();
      case MEAN -> gains.add(best);
      case DRAWN_SEED, SAMPLE -> sampleTold(told, outcome);
    }
    if (seeds.isComplete() && !lastMeanChosen) {
      learn();
    }
    if (budgetIsUsed()) {
      end();
    }
  }

  private void seedTold(Candidate seed, Outcome outcome) {
    seeds.tell(seed, outcome);
    recentre(seeds.ranking());
    if (seeds.isComplete()) {
      scoreBestSeeds();
      if (seeds.ranking().best().isEmpty()) {
        end();
      }
    }
  }

  private void scoreBestSeeds() {
    for (Candidate seed : seeds.takeBest()) {
      if (chooseForAll(Role.BEST_SEED, seed)) {
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
      if (!Objects.equals(better, centre)) {
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
    Candidate candidate = told.candidate();
    if (told.role() == Role.DRAWN_SEED) {
      seeds.tellDrawn(candidate, outcome);
      if (!seeds.isComplete()) {
        recentre(seeds.ranking());
      }
    }
    Distribution present = distribution;
    double[] point =
        present == null || present == told.from() ? told.point() : present.point(candidate);
    pools.add(told.proposal().documents(), candidate, point, outcome);
  }

  private void learn() {
    Distribution present = distribution;
    while (present != null && pools.teach(present)) {
      updates++;
      boolean half = open.evaluations() >= CmaEsSearch.BENDING * config.budget();
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
    return open.choose(Open.of(role, proposal(candidate, List.of())));
  }

  /** Ends sampling, and chooses the last mean when it is time. */
  private void end() {
    if (!ended) {
      ended = true;
      openAtEnd = open.size();
    }
    if (!lastMeanChosen
        && seeds.isComplete()
        && bestSeedsAwaited == 0
        && open.size() <= openAtEnd / LAST_SHARE) {
      lastMeanChosen = true;
      if (distribution != null) {
        chooseForAll(Role.MEAN, distribution.mean());
      }
    }
    if (finished()) {
      rounds.close();
    }
  }

  @Override
  public boolean finished() {
    return lastMeanChosen && open.size() == 0 && open.chosen() == 0;
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
