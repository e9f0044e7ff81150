package org.longrope.search.cmaes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.longrope.search.Fixtures.SPACE;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.longrope.search.Candidate;
import org.longrope.search.Outcome;
import org.longrope.search.Proposal;
import org.longrope.search.ScreeningStats;
import org.longrope.search.Surrogate;
import org.longrope.search.Surrogate.Observation;
import org.longrope.search.Valley;

/** Strategy cmaes with perfect, useless and adversarial surrogates. */
class ScreeningTest {
  private static final int GENERATION = 16;
  private static final double FLOOR = Valley.floor(SPACE.pairs());

  private static double truth(Candidate candidate) {
    return Valley.logPerplexity(candidate, List.of());
  }

  private static double noise(Candidate candidate) {
    return new Random(candidate.hashCode()).nextDouble();
  }

  private static Surrogate of(ToDoubleFunction<Candidate> prediction) {
    return observations -> () -> model(prediction);
  }

  private static Surrogate.Model model(ToDoubleFunction<Candidate> prediction) {
    return candidates -> candidates.stream().mapToDouble(prediction).toArray();
  }

  private static CmaEsSearch search(@Nullable Surrogate surrogate, int budget, long seed) {
    return new CmaEsSearch(
        new CmaEsConfig(GENERATION, budget, Set.of(Feature.EARLY_STOP), surrogate != null, seed),
        SPACE,
        Valley.DOCUMENTS,
        SPACE.seeds(),
        surrogate);
  }

  /** Returns the evaluations until the best is as good, or all of them. */
  private static long cost(CmaEsSearch search, double logPerplexity) {
    long read = 0;
    while (!search.finished()
        && (search.best().isEmpty()
            || Math.log(search.best().get().perplexity()) > logPerplexity)) {
      Proposal next = search.ask().orElseThrow();
      read += Valley.cost(next);
      search.tell(next.candidate(), Valley.outcome(next));
    }
    return read;
  }

  private static List<Proposal> course(CmaEsSearch search) {
    List<Proposal> course = new ArrayList<>();
    while (!search.finished()) {
      Proposal next = search.ask().orElseThrow();
      course.add(next);
      search.tell(next.candidate(), Valley.outcome(next));
    }
    return course;
  }

  private static double end(CmaEsSearch search) {
    course(search);
    return Math.log(search.best().orElseThrow().perplexity()) - FLOOR;
  }

  private static ScreeningStats worth(CmaEsSearch search) {
    course(search);
    return search.screening().orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void perfectSurrogate_reachesALevelWithFewerEvaluations(long seed) {
    double level = FLOOR + 0.003;
    Surrogate perfect = of(ScreeningTest::truth);
    long without = cost(search(null, 2000, seed), level);
    assertThat(cost(search(perfect, 2000, seed), level)).isLessThan(without * 3 / 4);
    ScreeningStats worth = worth(search(perfect, 1000, seed));
    assertThat(worth.screened()).isGreaterThan(worth.generations() * 3 / 4);
  }

  /** Chance lets it pass in a generation of twenty; passes come in rows. */
  @Test
  void uselessSurrogate_isLeftOutAndCostsFewEvaluations() {
    Surrogate useless = of(ScreeningTest::noise);
    int generations = 0;
    int screened = 0;
    double with = 0;
    double without = 0;
    for (long seed = 1; seed <= 10; seed++) {
      CmaEsSearch search = search(useless, 1000, seed);
      with += Math.log(end(search)) / 10;
      ScreeningStats worth = search.screening().orElseThrow();
      generations += worth.generations();
      screened += worth.screened();
      without += Math.log(end(search(null, 1000, seed))) / 10;
    }
    assertThat(screened).isLessThan(generations / 8);
    assertThat(with).isLessThan(without + Math.log(1.25));
  }

  @Test
  void adversarialSurrogate_neverScreens() {
    Surrogate adversarial = of(candidate -> -truth(candidate));
    assertThat(course(search(adversarial, 1000, 4))).isEqualTo(course(search(null, 1000, 4)));
    ScreeningStats worth = worth(search(adversarial, 1000, 4));
    assertThat(worth.screened()).isZero();
    assertThat(worth.rankCorrelation()).isLessThan(-0.5);
  }

  /** Right at first, then wrong for fifteen generations, then right again. */
  @Test
  void surrogateThatTurnsWrong_isLeftOutSoonAndUsedAgainLater() {
    AtomicInteger fits = new AtomicInteger();
    Surrogate turncoat =
        observations -> {
          int fit = fits.incrementAndGet();
          double sign = fit > 15 && fit <= 30 ? -1 : 1;
          return of(candidate -> sign * truth(candidate)).train(observations);
        };
    ScreeningStats worth = worth(search(turncoat, 1000, 5));
    // Four are measured before it begins; it is believed for a few more when it turns, and doubted.
    assertThat(worth.generations() - worth.screened()).isBetween(14, 26);
    assertThat(worth.screened()).isGreaterThan(20);
  }

  /**
   * Checks that models get their evaluations before the search waits for them, and only when all
   * have ended.
   */
  @Test
  void models_learnFromAllButTheLastGeneration() {
    List<Integer> seen = new ArrayList<>();
    List<Integer> used = new ArrayList<>();
    int[] told = {0};
    CmaEsSearch search =
        search(
            observations -> {
              seen.add(observations.size());
              return () -> {
                used.add(told[0]);
                return model(ScreeningTest::noise);
              };
            },
            600,
            6);
    List<Integer> begun = new ArrayList<>();
    List<Integer> drawn = new ArrayList<>();
    while (!search.finished()) {
      Proposal next = search.ask().orElseThrow();
      if (begun.size() == next.generation()) {
        begun.add(told[0]);
        drawn.add(0);
      }
      if (!next.documents().isEmpty()) {
        drawn.set(next.generation(), drawn.get(next.generation()) + 1);
      }
      told[0]++;
      search.tell(next.candidate(), Valley.outcome(next));
    }
    // Generations 0 and 1 are seeds; the first model is used for the third that is drawn.
    assertThat(used).hasSizeGreaterThan(25).isEqualTo(begun.subList(4, 4 + used.size()));
    int sum = 0;
    for (int model = 0; model < 15; model++) {
      sum += drawn.get(2 + model);
      assertThat(seen.get(model)).isEqualTo(sum);
    }
  }

  @Test
  void failureToLearn_endsTheSearch() {
    CmaEsSearch search =
        search(
            observations ->
                () -> {
                  throw new IllegalStateException("no");
                },
            600,
            7);
    assertThatThrownBy(() -> course(search))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no");
  }

  @Test
  void learn_ignoresRejectedCandidates() {
    List<Observation> learnt = new ArrayList<>();
    CmaEsSearch search =
        search(
            observations -> {
              learnt.addAll(observations);
              return () -> model(ScreeningTest::truth);
            },
            600,
            8);
    while (!search.finished()) {
      Proposal next = search.ask().orElseThrow();
      boolean out = next.candidate().attention() < Candidate.AS_GIVEN;
      search.tell(next.candidate(), out ? Outcome.of(Double.NaN) : Valley.outcome(next));
    }
    assertThat(learnt)
        .isNotEmpty()
        .allMatch(observation -> observation.candidate().attention() >= Candidate.AS_GIVEN);
  }
}
